// What the benchmarks within one process share.
import { median as middle } from './report/figures.mjs';

export const isQuick = process.argv.includes('--quick');

/** How long `work` takes, in milliseconds. */
export async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The median of some rounds. */
export async function median(rounds, measure) {
  const figures = [];
  for (let round = 0; round < rounds; round++) figures.push(await measure(round));
  return middle(figures);
}

/** Bytes in use after everything that can be collected was. */
export function heap() {
  for (let turn = 0; turn < 4; turn++) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** Prints one figure as a line of JSON for `run.mjs`. */
export const report = (figure) => console.log(JSON.stringify(figure));
