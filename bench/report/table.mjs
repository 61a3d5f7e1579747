// Tables, for the terminal and for Markdown.
import { shown, spread } from './figures.mjs';
import { limitOf, wordsOf } from './thresholds.mjs';

/** A group as a list of rows of text, the first of them the heading. */
export function tableOf({ columns, results, figures }) {
  if (figures !== undefined)
    return [
      ['what', 'figure', 'value', 'limit'],
      ...figures.map(({ what, figure, value, unit, atMost }) => [
        what,
        figure,
        `${shown(value)} ${unit}`,
        atMost === undefined ? '' : `${shown(atMost)} ${unit}`,
      ]),
    ];
  const keys = Object.keys(columns);
  return [
    ['', ...Object.values(columns)],
    ...results.map(({ row, rounds, problems }) => [
      row,
      ...keys.map((key) => spread(rounds.map((round) => round[key]))),
      ...(problems.length > 0 ? ['FAILED'] : []),
    ]),
  ];
}

export const judgementsOf = (judgements) => [
  ['group', 'what', 'must be', 'measured', ''],
  ...judgements.map((one) => [one.group, wordsOf(one), limitOf(one), spread(one.said ?? []), one.result]),
];

/** Columns side by side, the first one flush left. */
export function aligned(rows) {
  const widths = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  const line = (row) =>
    row
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index])))
      .join('   ');
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n');
}

export function markdown([heading, ...rows]) {
  const line = (row) => `| ${row.join(' | ')} |`;
  return [
    line(heading),
    line(heading.map((_, index) => (index === 0 ? '---' : '--:'))),
    ...rows.map(line),
  ].join('\n');
}
