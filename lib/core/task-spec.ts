import type { JsonObject, JsonValue } from './json.js';
import { BoundedCache } from './schedule/bounded-cache.js';
import { type Occurrences, type Schedule, occurrencesOf } from './schedule/schedule.js';
import { canonicalName } from './task.js';
import { type RowKey, STATIC_INSTANCE, type TaskRow } from './task-row.js';

// The text in a row and what it stands for. A row's texts are parsed here and nowhere else.

/** The version of the texts that this release writes; it reads all up to it. */
const VERSION = 1;

/** The canonical text of a schedule: equal texts are equal schedules. */
export function encodeSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'cron':
      return JSON.stringify({
        v: VERSION,
        cron: schedule.expression,
        timezone: schedule.timezone,
        seconds: schedule.seconds,
      });
    case 'interval':
      return `{"v":${VERSION},"every":${schedule.everyMs}}`;
    case 'once': {
      const when = 'at' in schedule ? `"at":${schedule.at}` : `"in":${schedule.inMs}`;
      const zone = schedule.timezone === undefined ? '' : `,"timezone":${JSON.stringify(schedule.timezone)}`;
      return `{"v":${VERSION},${when}${zone}}`;
    }
  }
}

/**
 * The schedule of a row.
 *
 * @throws RangeError with a readable message when this release cannot read it.
 */
export function decodeSchedule(text: string): Schedule {
  const { v, cron, timezone, seconds, every, at, in: inMs } = parseObject(text);
  if (v === VERSION) {
    const zone = typeof timezone === 'string' ? timezone : undefined;
    if (typeof cron === 'string' && zone !== undefined && (seconds === 'first' || seconds === 'last'))
      return { kind: 'cron', expression: cron, timezone: zone, seconds };
    if (typeof every === 'number') return { kind: 'interval', everyMs: every };
    if (typeof at === 'number') return { kind: 'once', at, timezone: zone };
    if (typeof inMs === 'number') return { kind: 'once', inMs, timezone: zone };
  }
  throw new RangeError(`the stored schedule ${text} cannot be read by this release`);
}

/** The args of a row, or of a triggered run. @throws RangeError with a readable message when they are no JSON object. */
export function decodeArgs(text: string): JsonObject {
  return text === '{}' ? {} : parseObject(text);
}

function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RangeError(`the stored text ${text.slice(0, 100)} is not JSON`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RangeError(`the stored text ${text.slice(0, 100)} is not a JSON object`);
  return value as { readonly [key: string]: JsonValue };
}

/** The instance of a row as people name it: null for a static task's only one. */
export function instanceNameOf(key: RowKey): string | null {
  return key.instance === STATIC_INSTANCE ? null : key.instance;
}

/** What `H` fields and jitter of an instance are hashed from. */
export function seedOf(key: RowKey): string {
  return canonicalName(key.task, instanceNameOf(key));
}

/** A row's schedule and its arithmetic. */
export interface ReadSchedule {
  readonly schedule: Schedule;
  readonly occurrences: Occurrences;
}

/** Of many instances few have a schedule that no other has. */
const schedules = new BoundedCache<ReadSchedule>(1_000);

/** The schedule of a row and its occurrences. @throws RangeError when it cannot be read or computed. */
export function readSchedule(row: TaskRow): ReadSchedule {
  return schedules.get(mayHash(row.schedule) ? `${row.schedule} ${seedOf(row)}` : row.schedule, () => {
    const schedule = decodeSchedule(row.schedule);
    return { schedule, occurrences: occurrencesOf(schedule, seedOf(row)) };
  });
}

/** Whether `H` may stand in a schedule, so that each instance has occurrences of its own. */
const mayHash = (schedule: string): boolean => schedule.includes('H');
