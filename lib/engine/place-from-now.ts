import type { TaskRow } from '../core/task-row.js';
import { occurrencesOfRow } from '../core/task-spec.js';

/** Where a schedule that starts now has its first occurrence; a once-off keeps its moment, and so does what cannot be read. */
export function placeFromNow(row: TaskRow, now: number): number | null {
  try {
    const occurrences = occurrencesOfRow(row);
    const isRecurring = row.scheduledAt !== null && occurrences.next(row.scheduledAt) !== null;
    return isRecurring ? occurrences.place(now) : null;
  } catch {
    return null;
  }
}
