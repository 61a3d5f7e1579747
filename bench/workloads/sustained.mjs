// Full load for minutes: every instance is due again sooner than the process can execute them all. Autovacuum is left as it is.
import { setTimeout } from 'node:timers/promises';
import { missing, roll } from './roll.mjs';
import { change, mean } from './trend.mjs';

const MB = 2 ** 20;
const WINDOW_MS = 5_000;

async function windowsOf({ server, params: { seconds } }, tally) {
  const windows = [];
  const endAt = performance.now() + seconds * 1_000;
  let at = performance.now();
  let { runs } = tally;
  while (at < endAt) {
    await setTimeout(Math.min(WINDOW_MS, Math.max(1, endAt - at)));
    const before = { at, runs };
    at = performance.now();
    runs = tally.runs;
    const { bytes, dead } = await server.size();
    globalThis.gc();
    const { rss, heapUsed } = process.memoryUsage();
    windows.push({
      rate: ((runs - before.runs) / (at - before.at)) * 1_000,
      tableMb: bytes / MB,
      deadRows: dead,
      rssMb: rss / MB,
      heapMb: heapUsed / MB,
    });
  }
  return windows;
}

export async function run(measurement) {
  const { contender, server, params } = measurement;
  await contender.fill(params.count, { dueInMs: 0 });
  await server.settle();
  const first = await server.size();
  const { tally, mark } = roll(params.count);
  await contender.start(mark);
  const windows = await windowsOf(measurement, tally);
  await contender.stop();
  const left = await contender.left();
  await server.vacuum();
  const after = await server.size();
  const of = (figure) => windows.map((window) => window[figure]);
  return {
    figures: {
      rate: mean(of('rate')),
      rateChange: change(of('rate')),
      heapChange: change(of('heapMb')),
      rssChange: change(of('rssMb')),
      tableFirstMb: first.bytes / MB,
      tableMostMb: Math.max(...of('tableMb')),
      tableAfter: after.bytes / first.bytes,
    },
    windows,
    // Everything is due again and again: what counts is that all ran, and that nothing is left leased.
    problems: missing(params.count, tally.distinct, { ...left, due: 0 }, params.count),
  };
}
