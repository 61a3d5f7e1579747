// Charts of the groups that a picture says more about than a table.
import { summary } from './figures.mjs';
import { bars } from './svg-bars.mjs';
import { lines } from './svg-lines.mjs';

const fileOf = (name) => name.replaceAll(' ', '-');

/** The first column of a group as bars. */
function barsOf({ name, title, columns, results }) {
  const [[key, unit]] = Object.entries(columns);
  const rows = results
    .map(({ row, rounds }) => ({ row, ...summary(rounds.map((round) => round[key])) }))
    .filter(({ median }) => median !== undefined);
  return { group: name, name: fileOf(name), title, svg: bars({ title, unit, rows }) };
}

/** What a row did over time. */
const OVER_TIME = {
  rate: 'executions a second',
  tableMb: 'table, MB',
  heapMb: 'heap, MB',
  rssMb: 'RSS, MB',
  keptRows: 'rows in the history',
  keptMb: 'history, MB',
};

function linesOf({ name, title, results }) {
  const measured = results.filter(({ rounds }) => rounds[0]?.windows);
  const [first] = measured[0].rounds[0].windows;
  const known = Object.entries(OVER_TIME).filter(([key]) => key in first);
  return known.map(([key, what]) => {
    const series = measured.map(({ row, rounds }) => ({
      row,
      values: rounds[0].windows.map((window) => window[key]),
    }));
    const full = `${title}: ${what}`;
    return { group: name, name: `${fileOf(name)}-${key}`, title: full, svg: lines({ title: full, series }) };
  });
}

const hasWindows = ({ results }) => results.some(({ rounds }) => rounds[0]?.windows !== undefined);

export const chartsOf = (groups) =>
  groups
    .filter(({ results }) => results.some(({ rounds }) => rounds.length > 0))
    .flatMap((group) => (hasWindows(group) ? linesOf(group) : [barsOf(group)]));
