// npm run bench -- --profile: where the time of executing recurring instances on PostgreSQL goes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { given, progress } from './plan/arguments.mjs';
import { GROUPS } from './plan/groups.mjs';
import { measured } from './plan/process.mjs';
import { taskOf } from './plan/tasks.mjs';
import { CONTENDERS } from './contenders/index.mjs';
import { aligned, markdown } from './report/table.mjs';

const MOST = 25;
const ROW = 'nestjs-pyncette, best';
const folder = new URL('results/', import.meta.url);

/** Self time of each function in microseconds, the greatest first, and how much of the time nothing ran. */
function selfTimes({ nodes, samples, timeDeltas }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map();
  for (const [index, id] of samples.entries()) {
    const { functionName, url, lineNumber } = frames.get(id);
    const file = url.replace(/^.*\/(?=(dist|node_modules|bench)\/)/, '');
    const name = `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}:${lineNumber + 1}`}`;
    times.set(name, (times.get(name) ?? 0) + timeDeltas[index]);
  }
  const idle = times.get('(idle)') ?? 0;
  times.delete('(idle)');
  return { idle, times: [...times].sort(([, a], [, b]) => b - a) };
}

/** The rows of a table, and what is to be said above it. */
function summarised(profile, { count }, { stored }) {
  const { idle, times } = selfTimes(profile);
  const busy = times.reduce((sum, [, micros]) => sum + micros, 0);
  const rows = times
    .slice(0, MOST)
    .map(([name, micros]) => [name, (micros / count).toFixed(2), `${((micros / busy) * 100).toFixed(1)} %`]);
  const said = [
    `${count.toLocaleString('en')} due recurring instances on PostgreSQL, ${CONTENDERS[ROW].says}`,
    `${Math.round(stored)} /s under the profiler`,
    `${(busy / count).toFixed(1)} µs of the main thread for each, and ${(idle / count).toFixed(1)} µs in which it waited`,
  ];
  return { title: said.join('; '), rows: [['self time', 'µs each', 'of what ran'], ...rows] };
}

export async function profile() {
  mkdirSync(folder, { recursive: true });
  const file = fileURLToPath(new URL('recurring.cpuprofile', folder));
  progress(`profiling: ${ROW}`);
  const task = taskOf(GROUPS.recurring, { row: ROW, ...CONTENDERS[ROW] });
  const { figures, problems } = await measured({ ...task, params: { ...task.params, profile: file } });
  if (problems.length > 0) throw new Error(problems.join('; '));
  const { title, rows } = summarised(JSON.parse(readFileSync(file, 'utf8')), task.params, figures);
  writeFileSync(new URL('profile.md', folder), `# Profile\n\n${title}.\n\n${markdown(rows)}\n`);
  progress('');
  console.log(given.json ? JSON.stringify(rows) : `${title}\n${aligned(rows)}`);
}
