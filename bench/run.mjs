// npm run bench: see README.md.
import { readFileSync } from 'node:fs';
import { given, progress } from './plan/arguments.mjs';
import { GROUPS } from './plan/groups.mjs';
import { measureGroup } from './plan/rounds.mjs';
import { judge } from './report/thresholds.mjs';
import { printGroup, printJudgements } from './report/table.mjs';

const thresholds = JSON.parse(readFileSync(new URL('thresholds.json', import.meta.url), 'utf8'));
const names = given.only.length === 0 ? Object.keys(GROUPS) : given.only;
const unknown = names.filter((name) => !(name in GROUPS));
if (unknown.length > 0)
  throw new Error(`There is no group ${unknown.join(', ')}: ${Object.keys(GROUPS).join(', ')}`);

const measured = [];
for (const name of names) {
  measured.push(await measureGroup(name, GROUPS[name]));
  progress('');
  if (!given.json) printGroup(measured.at(-1));
}
const judgements = judge(thresholds, measured);
if (given.json) console.log(JSON.stringify({ measured, judgements }, null, 2));
else printJudgements(judgements);

const problems = measured.flatMap(({ results }) => results.flatMap((result) => result.problems));
for (const problem of problems) console.error(`FAILED: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
