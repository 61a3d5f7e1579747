import type { TaskRow } from '../../core/task-row.js';
import type { RowStore } from './row-store.js';
import type { Work } from './statement.js';
import { CONTROL } from './task-statements.js';

/** Pauses a template as a whole, or no longer: a row says so by being there. */
export function* pauseTemplate(rows: RowStore, task: string, isPaused: boolean): Work<void> {
  const control = controlRow(task);
  yield* rows.upsert([control], (row) => (isPaused ? (row ?? control) : null));
}

const controlRow = (task: string): TaskRow => ({
  task: CONTROL,
  instance: task,
  queue: CONTROL,
  schedule: '',
  args: '{}',
  jitterMs: 0,
  scheduledAt: null,
  dueAt: null,
  lockedUntil: null,
  leaseToken: null,
  lockedBy: null,
  attempt: 0,
  executionId: null,
  hold: 'paused',
  queued: null,
  current: null,
  lastError: null,
  origin: null,
});
