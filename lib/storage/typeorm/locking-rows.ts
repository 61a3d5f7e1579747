import type { RowKey, TaskRow } from '../../core/task-row.js';
import {
  Changes,
  type Decide,
  type RowChange,
  type RowStore,
  isUpdate,
  textOf,
  uniqueInOrder,
} from './row-store.js';
import type { Work } from './statement.js';
import type { TaskStatements } from './task-statements.js';

/** Changes rows under their locks: read and locked, decided by `task-transitions`, written, all in one transaction. */
export class LockingRows implements RowStore {
  constructor(private readonly statements: TaskStatements) {}

  *change(keys: readonly RowKey[], decide: Decide): Work<(TaskRow | null)[]> {
    if (keys.length === 0) return [];
    const changes = new Changes(yield* this.statements.lock(uniqueInOrder(keys)));
    const decided = changes.decide(keys, decide);
    yield* this.write(changes.changed);
    yield* this.statements.save(changes.created);
    return decided;
  }

  /** Writes what has been decided about rows that are held. */
  *write(changes: readonly RowChange[]): Work<void> {
    yield* this.statements.delete(changes.flatMap(({ before, after }) => (after === null ? [before] : [])));
    yield* this.statements.update(changes.filter(isUpdate));
  }

  /** Creates what is not there, without ever overwriting what another has created meanwhile; decides about the rest. */
  *upsert(keys: readonly RowKey[], decide: Decide): Work<(TaskRow | null)[]> {
    const created = new Map<string, TaskRow>();
    keys.forEach((key, index) => {
      const row = created.has(textOf(key)) ? null : decide(null, index);
      if (row !== null) created.set(textOf(key), row);
    });
    const missing = uniqueInOrder(keys).flatMap((key) => created.get(textOf(key)) ?? []);
    const inserted = new Set((yield* this.statements.insertMissing(missing)).map(textOf));
    const isNew = keys.map((key) => inserted.delete(textOf(key)));
    const rest = keys.filter((_, index) => isNew[index] !== true);
    const places = keys.flatMap((_, index) => (isNew[index] === true ? [] : [index]));
    const changed = yield* this.change(rest, (row, index) => decide(row, places[index] ?? 0));
    const answers: (TaskRow | null)[] = keys.map((key) => created.get(textOf(key)) ?? null);
    places.forEach((place, index) => (answers[place] = changed[index] ?? null));
    return answers;
  }
}
