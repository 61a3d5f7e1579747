/*
 * Everything that may happen to a row: pure functions from row to row. Repositories apply them, or say the same in SQL.
 *
 *   none ──schedule──► WAITING ──claim──► LEASED ──done──► WAITING at the next occurrence, or none (once-off)
 *                        ▲  ▲               │  │
 *                        │  └─lease expires─┘  ├──retry, keep, back──► WAITING for the same occurrence
 *                        │                     └──park──► PARKED
 *                        └──resume── PAUSED, PARKED (dueAt null: no claim finds them) ◄──pause── any, LEASED too
 *
 *   `schedule` with force resets any of them, `unregister` deletes any of them: the token is gone, so its holder changes nothing.
 *
 * Three words do the fencing. `leaseToken` is fresh for every acquisition: who cannot show it changes nothing. `attempt` counts the
 * leases spent on what was begun: a changed schedule sets it to 0, so a holder whose attempt is not the row's has been superseded and
 * may only end its lease. `hold` keeps `dueAt` null: nothing held is claimed, whoever else writes the row.
 *
 * A triggered run is `queued` until a claim begins it, then `current` until it is done. Where the two meet, the newer request wins.
 */
import type { LeaseProof, Registration } from './task-repository.js';
import { whenNotHeld } from './row-lease.js';
import type { TaskRow } from './task-row.js';

export { settle, type Settled } from './row-settlement.js';

/** Whether a claim at `now` may take the row. */
export function isClaimable(row: TaskRow, now: number): boolean {
  const claimable = claimableAt(row);
  return claimable !== null && claimable <= now;
}

/** From when a claim may take the row; null while it is held. */
export function claimableAt(row: TaskRow): number | null {
  if (row.dueAt === null || row.lockedUntil === null) return row.dueAt;
  return Math.max(row.dueAt, row.lockedUntil);
}

/** A fresh lease on a claimable row. What is begun with it is the queued trigger, or else the occurrence. */
export function claim(row: TaskRow, now: number, leaseMs: number, token: string, owner: string): TaskRow {
  const isBeginning = row.attempt === 0;
  const beginsTrigger = isBeginning && row.queued !== null;
  return {
    ...row,
    lockedUntil: now + leaseMs,
    leaseToken: token,
    lockedBy: owner,
    attempt: row.attempt + 1,
    executionId: isBeginning ? token : row.executionId,
    queued: beginsTrigger ? null : row.queued,
    current: beginsTrigger ? row.queued : row.current,
  };
}

/**
 * A lease that lasts until `until`, or longer if it did already: a renewal that arrives late takes nothing back.
 * The same object where the lease is lost.
 */
export function renew(row: TaskRow, proof: LeaseProof, until: number): TaskRow {
  if (row.leaseToken !== proof.leaseToken) return row;
  const lockedUntil = Math.max(row.lockedUntil ?? until, until);
  const movesDue = row.dueAt !== null && row.attempt === proof.attempt;
  return { ...row, lockedUntil, dueAt: movesDue ? lockedUntil : row.dueAt };
}

/**
 * Writes down which occurrence runs instead of the one claimed (`missed: 'skip'`, before the start), so that a retry runs the same.
 * The same object where the lease is lost or superseded.
 */
export function reseat(row: TaskRow, proof: LeaseProof, scheduledAt: number): TaskRow {
  if (row.leaseToken !== proof.leaseToken || row.attempt !== proof.attempt) return row;
  return { ...row, scheduledAt };
}

/** Creates or updates. An unchanged schedule moves nothing; a changed one takes its place at once, behind a lease that lives. */
export function schedule(row: TaskRow | null, registration: Registration, now: number): TaskRow {
  if (row === null || registration.force) return create(registration, now);
  const isUnchanged = row.schedule === registration.schedule && row.scheduledAt !== null;
  const updated = withSpec(row, registration);
  return isUnchanged ? updated : move(updated, registration.place(now), now);
}

function create(
  { task, instance, queue, schedule, args, jitterMs, place, origin = null }: Registration,
  now: number,
): TaskRow {
  const scheduledAt = place(now);
  return {
    task,
    instance,
    queue,
    schedule,
    args,
    jitterMs,
    scheduledAt,
    dueAt: scheduledAt + jitterMs,
    lockedUntil: null,
    leaseToken: null,
    lockedBy: null,
    attempt: 0,
    executionId: null,
    hold: null,
    queued: null,
    current: null,
    lastError: null,
    origin,
  };
}

function withSpec(row: TaskRow, { queue, schedule, args, jitterMs, origin = null }: Registration): TaskRow {
  return { ...row, queue, schedule, args, jitterMs, origin };
}

/** A new place. What was begun is superseded by it, except a triggered run: that is no business of the schedule. */
function move(row: TaskRow, scheduledAt: number, now: number): TaskRow {
  if (row.current !== null) return { ...row, scheduledAt };
  return {
    ...row,
    scheduledAt,
    attempt: 0,
    executionId: null,
    dueAt: whenNotHeld(row, row.queued === null ? scheduledAt + row.jitterMs : now),
    lockedUntil: lockedByHolder(row),
  };
}

/** Holds the row. An execution in flight finishes; a parked row stays parked. */
export function pause(row: TaskRow): TaskRow {
  return { ...row, hold: row.hold ?? 'paused', dueAt: null };
}

/**
 * Ends a hold; a parked row gets new attempts. From now: a recurring row that is not executing goes on at `place`, and what was begun
 * is forgotten, but not a triggered run. The same object where nothing is held.
 *
 * @param place the first occurrence of the schedule when it starts at `now`; null for once-offs, and from the schedule.
 */
export function resume(row: TaskRow, from: 'schedule' | 'now', place: number | null, now: number): TaskRow {
  if (row.hold === null) return row;
  const isExecuting = row.leaseToken !== null && row.lockedUntil !== null && row.lockedUntil > now;
  const startsAt = from === 'now' && !isExecuting ? place : null;
  const isForgotten = row.hold === 'parked' || (startsAt !== null && row.current === null);
  const attempt = isForgotten ? 0 : row.attempt;
  const scheduledAt = startsAt ?? row.scheduledAt;
  const isOwed = attempt > 0 || row.queued !== null || scheduledAt === null;
  return {
    ...row,
    hold: null,
    attempt,
    executionId: attempt === 0 ? null : row.executionId,
    scheduledAt,
    dueAt: isOwed ? now : scheduledAt + row.jitterMs,
  };
}

/** Asks for one run apart from the schedule. Asked again before that run begins, it is one run, with the last call's args. */
export function trigger(
  row: TaskRow,
  args: string | null,
  now: number,
  origin: string | null = null,
): TaskRow {
  return {
    ...row,
    queued: origin === null ? { at: now, args } : { at: now, args, origin },
    dueAt: whenNotHeld(row, now),
    lockedUntil: lockedByHolder(row),
  };
}

/** A lock that a failure has left behind is nobody's: triggers and changed schedules do not wait for it. */
function lockedByHolder(row: TaskRow): number | null {
  return row.leaseToken === null ? null : row.lockedUntil;
}
