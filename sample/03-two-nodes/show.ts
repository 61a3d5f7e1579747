// Starts two nodes on one database, kills one of them, and counts who ran what.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { emptyDatabase } from './postgres.js';

const COLOURS = ['\x1b[36m', '\x1b[33m'];
/** Who ran which occurrence. */
const runs = new Map<string, number[]>();

const database = await emptyDatabase();

function start(number: number): ChildProcess {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./main.js', import.meta.url))], {
    env: { ...process.env, DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, said = line, executionId] = /^(ran .*) \((.*)\)$/.exec(line) ?? [];
    console.log(`${COLOURS[number - 1]}[node ${number}]\x1b[0m ${said}`);
    if (executionId !== undefined) runs.set(executionId, [...(runs.get(executionId) ?? []), number]);
  });
  return child;
}

const [one, two] = [start(1), start(2)];
await sleep(6_000);
console.log('--- kill -9 of node 1: node 2 takes over, what node 1 had begun included');
one.kill('SIGKILL');
await sleep(6_000);
two.kill('SIGTERM');
const [code] = (await once(two, 'exit')) as [number | null];
await database.drop();

const by = (number: number): number => [...runs.values()].filter((nodes) => nodes.includes(number)).length;
const twice = [...runs.values()].filter((nodes) => nodes.length > 1).length;
console.table({
  'run by node 1': by(1),
  'run by node 2': by(2),
  'finished twice': twice,
  'exit code of node 2': code,
});
process.exitCode = code === 0 && twice === 0 && by(1) > 0 && by(2) > 0 ? 0 : 1;
