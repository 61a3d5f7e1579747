// Arithmetic over cron expressions. The internals are no public entry: they are read from the build.
import { occurrencesOf } from '../dist/core/schedule/schedule.js';
import { isQuick, median, report } from './measure.mjs';

const WHAT = 'cron';
const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-07-01T12:00:00Z');
const cron = (expression, timezone = 'Europe/Dublin') =>
  occurrencesOf({ kind: 'cron', expression, timezone, seconds: 'first' }, 'seed');

const each = (count, work) => {
  const start = performance.now();
  for (let turn = 0; turn < count; turn++) work(turn);
  return ((performance.now() - start) / count) * 1_000;
};
const ROUNDS = isQuick ? 1 : 5;

report({
  what: WHAT,
  figure: 'every second, next after 30 days of silence',
  value: await median(ROUNDS, () => each(1_000, () => cron('* * * * * *').next(NOW - 30 * DAY_MS, NOW))),
  unit: 'µs',
  atMost: 1_000,
});
report({
  what: WHAT,
  figure: 'every second, counting what 30 days dropped',
  value: await median(ROUNDS, () => each(1_000, () => cron('* * * * * *').count(NOW - 30 * DAY_MS, NOW))),
  unit: 'µs',
  atMost: 1_000,
});
report({
  what: WHAT,
  figure: 'an expression that was never seen',
  value: await median(ROUNDS, (round) =>
    each(500, (turn) => cron(`${turn % 60} ${turn % 24} ${(round % 28) + 1} * *`).next(NOW)),
  ),
  unit: 'µs',
});
report({
  what: WHAT,
  figure: 'one that was',
  value: await median(ROUNDS, () => each(10_000, (turn) => cron('0 8 * * MON').next(NOW + turn))),
  unit: 'µs',
});
