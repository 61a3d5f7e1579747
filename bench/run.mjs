// npm run bench: see README.md.
import { hasPeers } from './contenders/index.mjs';
import { given, progress } from './plan/arguments.mjs';
import { chosenGroups } from './plan/chosen.mjs';
import { abandonAll } from './plan/process.mjs';
import { measureGroup } from './plan/rounds.mjs';
import { dropTemplates } from './plan/templates.mjs';
import { readThresholds } from './plan/thresholds.mjs';
import { profile } from './profile.mjs';
import { writeResults } from './report/results.mjs';
import { aligned, judgementsOf, tableOf } from './report/table.mjs';
import { judge } from './report/thresholds.mjs';

const thresholds = readThresholds();
const PEERS_SKIPPED =
  'SKIPPED: the peers (pg-boss, graphile-worker, BullMQ, Agenda) are not installed; npm --prefix bench/peers ci brings them.';
const say = (text) => void (given.json || console.log(text));

async function bench() {
  if (!hasPeers) console.error(PEERS_SKIPPED);
  const measured = [];
  const { groups, warnings } = await chosenGroups();
  for (const warning of warnings) console.error(warning);
  for (const [name, group] of groups) {
    const start = performance.now();
    measured.push(await measureGroup(name, group));
    progress(`${name}: took ${((performance.now() - start) / 1_000).toFixed(1)} s`);
    progress('');
    say(`\n${group.title}\n${aligned(tableOf(measured.at(-1)))}`);
  }
  await dropTemplates();
  return { measured, warnings };
}

async function reported({ measured, warnings }) {
  const results = await writeResults(measured, thresholds);
  const names = new Set(measured.map(({ name }) => name));
  const isKnown = ({ group, result }) => names.has(group) && (!given.quick || result !== 'not measured');
  const judgements = judge(thresholds, measured).filter(isKnown);
  if (given.json) console.log(JSON.stringify({ measured, judgements, warnings }, null, 2));
  say(`\nWhat must be shown\n${aligned(judgementsOf(judgements))}\n\nWritten to ${results}`);
  if (given.quick) say('A quick run: one cold round each, fewer rows. npm run bench does it properly.');
  for (const warning of [...warnings, ...(hasPeers ? [] : [PEERS_SKIPPED])]) say(warning);
  const problems = measured.flatMap((group) => group.problems.map((problem) => `${group.name}: ${problem}`));
  for (const problem of problems) console.error(`FAILED: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    progress('');
    abandonAll().finally(() => process.exit(130));
  });
if (given.profile) await profile();
else await reported(await bench());
