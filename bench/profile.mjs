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
const folder = new URL('results/', import.meta.url);

/** Self time of each function, in parts of all, the greatest first. */
function selfTimes({ nodes, samples, timeDeltas }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const { functionName, url, lineNumber } = frames.get(id);
    const file = url.replace(/^.*\/(?=(dist|node_modules)\/)/, '');
    const name = `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}:${lineNumber + 1}`}`;
    times.set(name, (times.get(name) ?? 0) + timeDeltas[index]);
    total += timeDeltas[index];
  }
  const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, MOST);
  return sorted.map(([name, micros]) => [
    name,
    `${(micros / 1_000).toFixed(1)} ms`,
    `${((micros / total) * 100).toFixed(1)} %`,
  ]);
}

export async function profile() {
  mkdirSync(folder, { recursive: true });
  const file = fileURLToPath(new URL('recurring.cpuprofile', folder));
  const row = 'nestjs-pyncette, best';
  progress(`profiling: ${row}`);
  const task = taskOf(GROUPS.recurring, { row, ...CONTENDERS[row] });
  const { figures, problems } = await measured({ ...task, params: { ...task.params, profile: file } });
  if (problems.length > 0) throw new Error(problems.join('; '));
  const rows = [['self time', 'ms', 'of all'], ...selfTimes(JSON.parse(readFileSync(file, 'utf8')))];
  const title = `${task.params.count.toLocaleString('en')} recurring instances on PostgreSQL, ${CONTENDERS[row].says}: ${Math.round(figures.stored)} /s under the profiler`;
  writeFileSync(new URL('profile.md', folder), `# Profile\n\n${title}.\n\n${markdown(rows)}\n`);
  progress('');
  console.log(given.json ? JSON.stringify(rows) : `${title}\n${aligned(rows)}`);
}
