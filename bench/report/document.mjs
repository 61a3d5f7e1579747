// results.md
import { judgementsOf, markdown, tableOf } from './table.mjs';

function aboutMachine({ cpu, memoryGb, kernel, node, servers }) {
  const settings = Object.entries(servers).map(([name, about]) => {
    const said =
      typeof about === 'string'
        ? about
        : Object.entries(about)
            .map((pair) => pair.join(' '))
            .join(', ');
    return `- ${name}: ${said || 'a file'}`;
  });
  return [`- ${cpu}, ${memoryGb} GB, Linux ${kernel}, Node ${node}`, ...settings].join('\n');
}

/** Each contender of the run, once, with its settings. */
function aboutContenders(groups) {
  const says = new Map(groups.flatMap(({ results }) => results.map(({ row, says }) => [row, says])));
  return [...says].map(([row, said]) => `- **${row}**: ${said}`).join('\n');
}

function section(group, charts) {
  const rounds = Math.max(0, ...group.results.map((result) => result.rounds.length));
  const counts = new Set(group.results.map(({ params }) => params.count).filter(Boolean));
  const many = [...counts].map((count) => count.toLocaleString('en')).join(' / ');
  const said = `Measured ${group.at.slice(0, 16).replace('T', ' ')}${rounds > 0 ? `, rounds: ${rounds}` : ''}${many && `, instances: ${many}`}.`;
  return [
    `## ${group.title}`,
    said,
    markdown(tableOf(group)),
    ...group.problems.map((problem) => `**FAILED**: ${problem}`),
    ...charts
      .filter(({ group: name }) => name === group.name)
      .map(({ name, title }) => `![${title}](${name}.svg)`),
  ].join('\n\n');
}

export function documentOf({ at, machine, groups }, judgements, charts) {
  return [
    '# Results',
    `Written by \`npm run bench\`, ${at.slice(0, 16).replace('T', ' ')}. Medians (least-greatest) of the rounds. Compare within a table; single figures differ between machines and minutes. How it is measured: [README](../README.md).`,
    aboutMachine(machine),
    '## What must be shown',
    markdown(judgementsOf(judgements)),
    ...groups.map((group) => section(group, charts)),
    '## Settings',
    aboutContenders(groups),
    '',
  ].join('\n\n');
}
