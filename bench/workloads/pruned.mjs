// Full load while the history of executions is pruned: what is kept of it stays as much as its retention says.
import { setTimeout } from 'node:timers/promises';
import { missing, roll } from './roll.mjs';
import { change, mean } from './trend.mjs';

const MB = 2 ** 20;
const WINDOW_MS = 2_000;

async function windowsOf({ server, params: { seconds } }, tally) {
  const windows = [];
  const endAt = performance.now() + seconds * 1_000;
  while (performance.now() < endAt) {
    const before = { at: performance.now(), runs: tally.runs };
    await setTimeout(WINDOW_MS);
    const rate = ((tally.runs - before.runs) / (performance.now() - before.at)) * 1_000;
    const { rows, bytes } = await server.history();
    windows.push({ rate, keptRows: rows, keptMb: bytes / MB });
  }
  return windows;
}

export async function run(measurement) {
  const { contender, server, params } = measurement;
  await contender.fill(params.count, { dueInMs: 0 });
  await server.settle();
  const { tally, mark } = roll(params.count);
  await contender.start(mark);
  const windows = await windowsOf(measurement, tally);
  await contender.stop();
  const left = await contender.left();
  const of = (figure) => windows.map((window) => window[figure]);
  return {
    figures: {
      executions: tally.runs,
      rate: mean(of('rate')),
      mostRows: Math.max(...of('keptRows')),
      mostMb: Math.max(...of('keptMb')),
      rowsChange: change(of('keptRows')),
      // The table grows until autovacuum has had its turn.
      sizeChange: change(of('keptMb'), 2),
    },
    windows,
    problems: missing(params.count, tally.distinct, { ...left, due: 0 }, params.count),
  };
}
