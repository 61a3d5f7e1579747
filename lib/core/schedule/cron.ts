import { BoundedCache } from './bounded-cache.js';
import { readCron } from './cron-fields.js';
import { EveryHourCron } from './every-hour-cron.js';
import { FixedTimeCron } from './fixed-time-cron.js';
import { WallClock } from './wall-clock.js';
import { ZonePeriods } from './zone-periods.js';

/** The occurrences of a cron expression in a zone; all moments are epoch milliseconds. */
export interface Cron {
  /** The first occurrence after a moment. */
  next(after: number): number;
  /** The latest occurrence at or before `until`, at least `from`, which is one. */
  latest(from: number, until: number): number;
  /** How many occurrences lie strictly between two moments. */
  count(after: number, before: number): number;
}

/** What a cron expression does not say itself. */
export interface CronOptions {
  readonly timezone: string;
  readonly seconds: 'first' | 'last';
  /** What `H` fields are hashed from. */
  readonly seed: string;
}

const parsed = new BoundedCache<Cron>(1_000);

/**
 * Reads a cron expression. Fields are matched on the wall clock and mapped to moments apart from it: an occurrence in a gap of
 * the wall clock runs at its end, one in an overlap runs the first time, and expressions for every hour follow real time.
 *
 * @throws RangeError with a readable message when it is none, never fires, or the zone is unknown.
 */
export function parseCron(expression: string, { timezone, seconds, seed }: CronOptions): Cron {
  const usedSeed = expression.includes('H') ? seed : '';
  return parsed.get(JSON.stringify([expression, timezone, seconds, usedSeed]), () => {
    const zone = new ZonePeriods(timezone);
    const fields = readCron(expression, seconds, usedSeed);
    const wall = new WallClock(fields);
    return fields.isEveryHour ? new EveryHourCron(wall, zone) : new FixedTimeCron(wall, zone);
  });
}
