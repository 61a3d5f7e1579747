import type { TaskRow } from './task-row.js';

/** Nobody executes the row and nobody's lock is on it. */
export function endLease(row: TaskRow): TaskRow {
  return { ...row, lockedUntil: null, leaseToken: null, lockedBy: null };
}

/** What `dueAt` becomes: the moment, but nothing that is held is ever due. */
export function whenNotHeld(row: TaskRow, moment: number): number | null {
  return row.hold === null ? moment : null;
}
