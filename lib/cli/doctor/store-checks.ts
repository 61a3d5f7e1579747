import { SystemClock, stopwatch } from '../../core/clock.js';
import type { Store } from '../store.js';
import { durationText } from '../moments.js';
import type { TimeReading } from '../../storage/typeorm/inspection/table-inspection.js';
import { type Finding, ok, warn } from './finding.js';

const SLOW_MS = 250;
const APART_MS = 1_000;

const ASKED = 4;

/** Whether the store answers, how fast, and what time it thinks it is. */
export async function answerOf(store: Store): Promise<readonly Finding[]> {
  const readings: TimeReading[] = [];
  while (readings.length < ASKED) readings.push(await readingOf(store));
  const { roundTripMs, aheadMs } = readings.reduce((best, one) =>
    one.roundTripMs < best.roundTripMs ? one : best,
  );
  const answers = `${store.address.shown} answers in ${roundTripMs.toFixed(1)} ms`;
  return [
    roundTripMs > SLOW_MS
      ? warn(
          'reachable',
          answers,
          'every claim and settlement takes a few such round trips: bring the processes nearer to the store',
        )
      : ok('reachable', answers),
    aheadMs === null
      ? ok('clock', 'the store has no clock of its own: that of each process decides')
      : clockFinding(aheadMs),
  ];
}

async function readingOf({ inspection, repository }: Store): Promise<TimeReading> {
  if (inspection !== null) return inspection.time();
  const begunAt = stopwatch();
  await repository.isTemplatePaused('');
  return { roundTripMs: stopwatch() - begunAt, aheadMs: repository.now() - new SystemClock().now() };
}

function clockFinding(aheadMs: number): Finding {
  const text = `this machine is ${durationText(aheadMs, 2)} ${aheadMs >= 0 ? 'behind' : 'ahead of'} the store`;
  if (Math.abs(aheadMs) < APART_MS) return ok('clock', text);
  return warn(
    'clock',
    text,
    'the store’s clock decides, so nothing runs wrongly; but logs will not agree: synchronise the clocks (NTP)',
  );
}
