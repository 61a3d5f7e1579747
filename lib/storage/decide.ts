import type { RowKey, TaskRow } from '../core/task-row.js';

/** What becomes of a row: the same object leaves it alone, null means no row. `index` says which of the keys it is about. */
export type Decide = (row: TaskRow | null, index: number) => TaskRow | null;

/** A key as one text, for maps. */
export const textOf = ({ task, instance }: RowKey): string => `${task}\u0000${instance}`;
