import { mergeArgs } from '../core/args.js';
import type { JsonObject } from '../core/json.js';
import { type Settled, latestInTime, missedBeside, passedBy, settleDone } from '../core/settlement.js';
import { stableFraction } from '../core/stable-hash.js';
import type { TaskDefinition } from '../core/task.js';
import type { Settlement } from '../core/task-repository.js';
import type { RowKey, TaskRow } from '../core/task-row.js';
import { decodeArgs, readSchedule, seedOf } from '../core/task-spec.js';

/** A claimed row, read once: everything its execution and its settlement need to know. */
export interface ClaimedTask extends Settled {
  readonly row: TaskRow;
  readonly args: JsonObject;
}

/** How much later than scheduled an instance is due, every time. */
export function jitterOf(task: TaskDefinition, key: RowKey): number {
  return task.jitterMs === 0
    ? 0
    : Math.floor(stableFraction(`jitter of ${seedOf(key)}`) * (task.jitterMs + 1));
}

/** @throws RangeError when the row cannot be read. */
export function readClaim(task: TaskDefinition, row: TaskRow): ClaimedTask {
  const { schedule, occurrences } = readSchedule(row);
  return {
    task,
    schedule,
    occurrences,
    occurrenceAt: row.scheduledAt,
    jitterMs: jitterOf(task, row),
    attempt: row.attempt,
    executionId: row.executionId ?? '',
    row,
    args: readArgs(task, row),
  };
}

function readArgs(task: TaskDefinition, row: TaskRow): JsonObject {
  const own = row.args === '{}' ? task.args : mergeArgs(task.args, decodeArgs(row.args));
  const given = row.current?.args ?? null;
  return given === null ? own : mergeArgs(own, decodeArgs(given));
}

/** What `missed: 'skip'` makes of a claimed occurrence: run it, run a later one instead, or nothing before `next`. */
export type Seat =
  | { readonly kind: 'run'; readonly at: number | null; readonly missed: number }
  | { readonly kind: 'skip'; readonly next: number | null; readonly missed: number };

/** Which occurrence runs, and how many others had passed with it. One that was begun is never skipped. */
export function seat(claimed: ClaimedTask, claimedAt: number): Seat {
  const { task, occurrences, occurrenceAt: at, row } = claimed;
  const now = passedBy(claimedAt, row.jitterMs);
  if (row.current !== null || at === null) return { kind: 'run', at, missed: 0 };
  const mayskip = task.missed === 'skip' && row.attempt === 1 && claimed.schedule.kind !== 'once';
  if (!mayskip) return { kind: 'run', at, missed: missedBeside(occurrences, at, now) };
  const chosen = latestInTime(occurrences, at, now, task.maxLatenessMs);
  if (chosen === at) return { kind: 'run', at, missed: 0 };
  const passed = 1 + occurrences.count(at, chosen ?? now);
  return chosen !== null && chosen <= now
    ? { kind: 'run', at: chosen, missed: passed }
    : { kind: 'skip', next: chosen, missed: passed };
}

/** At most once: what a claim settles before the start. A row that cannot be read is parked. */
export function settleAtClaim(task: TaskDefinition, row: TaskRow, now: number): Settlement {
  try {
    const claimed = readClaim(task, row);
    const seated = seat(claimed, now);
    if (seated.kind === 'skip')
      return { kind: 'done', next: seated.next, jitterMs: claimed.jitterMs, error: row.lastError };
    return settleDone({ ...claimed, occurrenceAt: seated.at }, now, row.lastError);
  } catch (error) {
    return { kind: 'park', error: { name: 'RangeError', message: messageOf(error), at: now } };
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
