import type { LeaseProof, SettleAnswer, Settlement } from './task-repository.js';
import { endLease, whenNotHeld } from './row-lease.js';
import type { TaskRow } from './task-row.js';

/** What a settlement leaves (null: no row), and what its sender is told. */
export interface Settled {
  readonly row: TaskRow | null;
  readonly answer: SettleAnswer;
}

/**
 * Ends an execution. Only the holder of the lease changes anything; one whose schedule was changed meanwhile only ends its lease, for
 * the change has decided already what comes next. Asked a second time, it changes nothing.
 */
export function settle(row: TaskRow | null, proof: LeaseProof, settlement: Settlement, now: number): Settled {
  if (row === null) return { row, answer: 'gone' };
  if (row.leaseToken !== proof.leaseToken) return { row, answer: 'lost' };
  if (row.attempt !== proof.attempt) return { row: endLease(row), answer: 'superseded' };
  const isOwed = settlement.kind === 'done' && row.queued !== null && row.hold === null;
  return { row: settled(row, settlement, now), answer: isOwed ? 'owed' : 'settled' };
}

function settled(row: TaskRow, settlement: Settlement, now: number): TaskRow | null {
  switch (settlement.kind) {
    case 'done':
      return done(row, settlement, now);
    case 'retry':
      return { ...endLease(row), dueAt: whenNotHeld(row, settlement.dueAt), lastError: settlement.error };
    case 'keep':
      return keep(row, settlement.error, now);
    case 'park':
      return { ...requeueTrigger(endLease(row)), hold: 'parked', dueAt: null, lastError: settlement.error };
    case 'back':
      return giveBack(endLease(row));
  }
}

/** On to the next occurrence. A triggered run leaves the schedule where it was; a once-off goes, unless a trigger waits for it. */
function done(
  row: TaskRow,
  { next, jitterMs, error }: Settlement & { kind: 'done' },
  now: number,
): TaskRow | null {
  const scheduledAt = row.current === null ? next : row.scheduledAt;
  const isOwed = row.queued !== null;
  if (scheduledAt === null && !isOwed) return null;
  return {
    ...endLease(row),
    jitterMs,
    scheduledAt,
    dueAt: whenNotHeld(row, isOwed || scheduledAt === null ? now : scheduledAt + jitterMs),
    attempt: 0,
    executionId: null,
    current: null,
    lastError: error,
  };
}

/** Locked as before, but by nobody. */
function keep(row: TaskRow, lastError: TaskRow['lastError'], now: number): TaskRow {
  return {
    ...row,
    leaseToken: null,
    lockedBy: null,
    dueAt: whenNotHeld(row, row.lockedUntil ?? now),
    lastError,
  };
}

/** As if it had not been claimed. */
function giveBack(row: TaskRow): TaskRow {
  const attempt = row.attempt - 1;
  return attempt > 0 ? { ...row, attempt } : { ...requeueTrigger(row), attempt, executionId: null };
}

/** A triggered run that is not going on is asked for again; a newer request replaces it. */
function requeueTrigger(row: TaskRow): TaskRow {
  return { ...row, queued: row.queued ?? row.current, current: null };
}
