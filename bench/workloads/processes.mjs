// Several processes on one database: how much they execute together, and how little the one that gets least. What is measured is how they
// go on, not how they start: each has first compiled what it runs, by executing instances that became due before those that count.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { filled, PATIENCE_MS } from './execute.mjs';
import { missing } from './roll.mjs';

const script = fileURLToPath(new URL('../worker.mjs', import.meta.url));

async function started(task) {
  const child = fork(script, [JSON.stringify(task)]);
  const worker = { child, runs: 0, ended: resolvers() };
  const ready = resolvers();
  child.on('message', (message) => {
    if (message.isReady) ready.resolve();
    if (message.runs !== undefined) worker.runs = message.runs;
    if (message.ended !== undefined) worker.ended.resolve(message.ended);
  });
  child.on('exit', (code) => ready.reject(new Error(`A process ended with ${code}`)));
  await ready.promise;
  return worker;
}

function resolvers() {
  const all = {};
  all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject }));
  return all;
}

/** What a process says at its end; a long message may come after the process itself has gone. */
async function stopped({ child, ended }) {
  const exit = once(child, 'exit');
  child.send('stop');
  await exit;
  return ended.promise;
}

/** How many different instances ran in all of them. */
function together(ends, count) {
  const all = new Uint8Array(count);
  for (const { seen } of ends)
    for (const [index, ran] of Buffer.from(seen, 'base64').entries()) all[index] |= ran;
  return all.reduce((sum, ran) => sum + ran, 0);
}

export async function run(measurement) {
  const { contender, task, params } = measurement;
  const { count, processes, warmUp } = params;
  await contender.fill(warmUp * processes, { dueInMs: 0, prefix: 'w' });
  await filled(measurement);
  const workers = await Promise.all(Array.from({ length: processes }, () => started(task)));
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (const { child } of workers) child.send('start');
  const sum = () => workers.reduce((total, { runs }) => total + runs, 0);
  while (sum() < count && performance.now() < giveUpAt) await setTimeout(20);
  const ends = await Promise.all(workers.map(stopped));
  const runs = ends.map((end) => end.runs);
  const firstAt = Math.min(...ends.map((end) => end.firstAt));
  const lastAt = Math.max(...ends.map((end) => end.lastAt));
  return {
    figures: {
      rate: (count / (lastAt - firstAt)) * 1_000,
      leastShare: Math.min(...runs) / (count / processes),
      mostShare: Math.max(...runs) / (count / processes),
      twice: runs.reduce((a, b) => a + b, 0) - together(ends, count),
    },
    problems: missing(count, together(ends, count), await contender.left(), count),
  };
}
