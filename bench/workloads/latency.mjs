// From the moment an instance is due until its handler starts, for random moments: on an idle process, or one under half of the load
// that it can just bear.
import { setTimeout } from 'node:timers/promises';
import { DAYS_30_MS } from './execute.mjs';
import { roll, within } from './roll.mjs';

const LEAD_MS = 1_500;

const nowMs = () => performance.timeOrigin + performance.now();
const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

/** How many a second it executes of what is due at once. */
async function most({ contender, server, params: { count } }) {
  await contender.fill(count, { dueInMs: 0 });
  await server.settle();
  const { tally, complete, mark } = roll(count);
  const start = performance.now();
  await contender.start(mark);
  await within(60_000, complete);
  await contender.stop();
  return (tally.distinct / (performance.now() - start)) * 1_000;
}

async function loaded(measurement, spanMs) {
  const rate = (await most(measurement)) / 2;
  const count = Math.round((rate * (spanMs + LEAD_MS)) / 1_000);
  const beganAt = nowMs();
  // Filling takes a while itself: the load begins when it is over.
  const dueInMs = LEAD_MS + count / 10;
  await measurement.contender.fill(count, { dueInMs, stepMs: 1_000 / rate, prefix: 'l' });
  return { rate, count, fromAt: beganAt + dueInMs };
}

/** Notes how late each handler starts; `l…` are the load. */
function watched(dueAt) {
  const seen = { late: [], early: 0, load: 0 };
  function handler(name) {
    const at = nowMs();
    if (!name.startsWith('i')) return void seen.load++;
    const due = dueAt[Number(name.slice(1))];
    seen.late.push(Math.max(0, at - due));
    if (Date.now() < due) seen.early++;
  }
  return { seen, handler };
}

/** Executes until everything has run or should have; answers how often it polled in a second. */
async function executed(contender, handler, isOver, endAt) {
  const polls = contender.polls?.();
  const startedAt = performance.now();
  await contender.start(handler);
  while (!isOver() && nowMs() < endAt) await setTimeout(50);
  const polled = contender.polls?.() - polls;
  const seconds = (performance.now() - startedAt) / 1_000;
  await contender.stop();
  return polled / seconds;
}

export async function run(measurement) {
  const { contender, server, params } = measurement;
  const { moments, spanMs, isLoaded = false, later = 0, isCopied } = params;
  if (later > 0 && !isCopied) await contender.fill(later, { dueInMs: DAYS_30_MS, prefix: 'z' });
  const load = isLoaded ? await loaded(measurement, spanMs) : { rate: 0, count: 0, fromAt: 0 };
  await server.settle();
  const fromAt = Math.max(load.fromAt, nowMs()) + LEAD_MS;
  const dueAt = Array.from({ length: moments }, () => Math.ceil(fromAt + Math.random() * spanMs));
  for (const [index, at] of dueAt.entries()) await contender.schedule(`i${index}`, at);

  const { seen, handler } = watched(dueAt);
  const isOver = () => seen.late.length === moments && seen.load === load.count;
  const pollsPerSecond = await executed(contender, handler, isOver, fromAt + spanMs + 5_000);
  const late = seen.late.sort((a, b) => a - b);
  return {
    figures: {
      p50: percentile(late, 0.5),
      p95: percentile(late, 0.95),
      p99: percentile(late, 0.99),
      max: late.at(-1),
      early: seen.early,
      pollsPerSecond,
      load: load.rate,
    },
    problems: [
      ...missingOf('instances', moments, late.length),
      ...missingOf('instances of the load', load.count, seen.load),
    ],
  };
}

const missingOf = (what, count, ran) =>
  ran === count ? [] : [`${count - ran} of ${count} ${what} did not run`];
