import type { TaskRow } from './task-row.js';

/** What people call the condition of a row. */
export type RowState = 'scheduled' | 'running' | 'paused' | 'parked';

/** The one word for a row's condition at `now`; a hold comes first, then a live lease. */
export function stateOf(row: TaskRow, now: number, isTemplatePaused: boolean): RowState {
  if (row.hold !== null) return row.hold;
  if (isTemplatePaused) return 'paused';
  return row.leaseToken !== null && row.lockedUntil !== null && row.lockedUntil > now
    ? 'running'
    : 'scheduled';
}
