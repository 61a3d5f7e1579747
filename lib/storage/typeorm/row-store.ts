import type { RowKey, TaskRow } from '../../core/task-row.js';
import { type Decide, textOf } from '../decide.js';
import type { Work } from './statement.js';

export { type Decide, textOf };

/** A row that was read and held, and what is written in its place; null: it is deleted. */
export interface RowChange {
  readonly before: TaskRow;
  readonly after: TaskRow | null;
}

/** One that is neither deleted nor left as it is. */
export interface RowUpdate extends RowChange {
  readonly after: TaskRow;
}

export const isUpdate = (change: RowChange): change is RowUpdate =>
  change.after !== null && change.after !== change.before;

/** How rows are changed: read, decided about, written, so that nobody's writing is lost. */
export interface RowStore {
  change(keys: readonly RowKey[], decide: Decide): Work<(TaskRow | null)[]>;
  /** The same for keys most of which have no row yet. */
  upsert(keys: readonly RowKey[], decide: Decide): Work<(TaskRow | null)[]>;
}

/** Each key once, in the one order in which everybody takes locks. */
export function uniqueInOrder(keys: readonly RowKey[]): RowKey[] {
  const unique = new Map(keys.map(({ task, instance }) => [textOf({ task, instance }), { task, instance }]));
  return [...unique.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key);
}

/** Rows while they are changed: decisions about the same key see each other's results. */
export class Changes {
  private readonly before: Map<string, TaskRow>;
  private readonly after = new Map<string, TaskRow | null>();

  constructor(rows: readonly TaskRow[]) {
    this.before = new Map(rows.map((row) => [textOf(row), row]));
  }

  /** Decides about each key in turn; answers the rows as they are then. */
  decide(keys: readonly RowKey[], decide: Decide): (TaskRow | null)[] {
    return keys.map((key, index) => {
      const text = textOf(key);
      const row = this.after.has(text) ? (this.after.get(text) ?? null) : (this.before.get(text) ?? null);
      const decided = decide(row, index);
      this.after.set(text, decided);
      return decided;
    });
  }

  /** What becomes of the rows that were there. */
  get changed(): RowChange[] {
    return [...this.before].map(([text, before]) => {
      const after = this.after.get(text);
      return { before, after: after === undefined ? before : after };
    });
  }

  /** Rows to be written that were not there. */
  get created(): TaskRow[] {
    return [...this.after].flatMap(([text, after]) =>
      after !== null && !this.before.has(text) ? [after] : [],
    );
  }
}
