import type { RowKey, TaskRow } from '../core/task-row.js';

/** What becomes of a row: the same object leaves it alone, null means no row. `index` says which of the keys it is about. */
export type Decide = (row: TaskRow | null, index: number) => TaskRow | null;

/** A key as one text, for maps. */
export const textOf = ({ task, instance }: RowKey): string => `${task}\u0000${instance}`;

/** The order of `textOf`, without making the texts. */
export function compareKeys(a: RowKey, b: RowKey): number {
  if (a.task !== b.task) return a.task < b.task ? -1 : 1;
  if (a.instance === b.instance) return 0;
  return a.instance < b.instance ? -1 : 1;
}
