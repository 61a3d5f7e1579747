import { parseCron } from './cron.js';

/** Follows the wall clock of a zone. */
export interface CronSchedule {
  readonly kind: 'cron';
  readonly expression: string;
  /** IANA name, or `UTC`, `UTC+12`, `UTC+05:30`. */
  readonly timezone: string;
  /** Where a six-field expression has its seconds. */
  readonly seconds: 'first' | 'last';
}

/** Every so often, on a grid that starts where the instance was first scheduled. */
export interface IntervalSchedule {
  readonly kind: 'interval';
  readonly everyMs: number;
}

/** Once: at a moment, or so long after it was first scheduled (by the repository's clock). */
export type OnceSchedule = { readonly kind: 'once'; readonly timezone?: string } & (
  { readonly at: number } | { readonly inMs: number }
);

export type Schedule = CronSchedule | IntervalSchedule | OnceSchedule;

/** Arithmetic over the occurrences of one schedule; all moments are epoch milliseconds. */
export interface Occurrences {
  /** The first occurrence of a schedule that is given at `now`. */
  place(now: number): number;
  /** The first occurrence after `at` that is not before `notBefore`; null: there is none any more. */
  next(at: number, notBefore?: number): number | null;
  /** Of the occurrences from `at` (itself one) to `until`, the latest. */
  latest(at: number, until: number): number;
  /** How many occurrences lie strictly between two moments. */
  count(after: number, before: number): number;
}

/**
 * The occurrences of a schedule. `seed` decides what `H` fields hash to.
 *
 * @throws RangeError with a readable message when the schedule is none.
 */
export function occurrencesOf(schedule: Schedule, seed: string): Occurrences {
  switch (schedule.kind) {
    case 'cron':
      return cronOccurrences(schedule, seed);
    case 'interval':
      return intervalOccurrences(schedule.everyMs);
    case 'once':
      return onceOccurrences(schedule);
  }
}

function cronOccurrences(schedule: CronSchedule, seed: string): Occurrences {
  const cron = parseCron(schedule.expression, {
    timezone: schedule.timezone,
    seconds: schedule.seconds,
    seed,
  });
  return {
    place: (now) => cron.next(now),
    next: (at, notBefore = at) => cron.next(Math.max(at, notBefore - 1)),
    latest: (at, until) => cron.latest(at, until),
    count: (after, before) => cron.count(after, before),
  };
}

function intervalOccurrences(everyMs: number): Occurrences {
  return {
    place: (now) => now + everyMs,
    next: (at, notBefore = at) => at + Math.max(1, Math.ceil((notBefore - at) / everyMs)) * everyMs,
    latest: (at, until) => at + Math.max(0, Math.floor((until - at) / everyMs)) * everyMs,
    count: (after, before) => Math.max(0, Math.ceil((before - after) / everyMs) - 1),
  };
}

/** What all once-offs have in common: there is nothing after the one. */
const ONCE = {
  next: (): null => null,
  latest: (at: number): number => at,
  count: (): number => 0,
};

function onceOccurrences(schedule: OnceSchedule): Occurrences {
  const { next, latest, count } = ONCE;
  const place = 'at' in schedule ? (): number => schedule.at : (now: number): number => now + schedule.inMs;
  return { place, next, latest, count };
}
