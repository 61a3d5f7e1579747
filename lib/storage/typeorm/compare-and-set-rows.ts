import { RepositoryException } from '../../core/errors.js';
import type { RowKey, TaskRow } from '../../core/task-row.js';
import { type Decide, type RowStore, textOf, uniqueInOrder } from './row-store.js';
import type { Work } from './statement.js';
import type { TaskStatements, VersionedRow } from './task-statements.js';

/** How often a row is decided about again because somebody else has written it meanwhile. */
const ATTEMPTS = 100;

/**
 * Changes rows without locks: read, decided by `task-transitions`, and written only if nobody has written them since. For databases
 * that cannot lock rows, or about whose locks we know nothing; each row stands alone, so no transaction is needed.
 */
export class CompareAndSetRows implements RowStore {
  constructor(private readonly statements: TaskStatements) {}

  *change(keys: readonly RowKey[], decide: Decide): Work<(TaskRow | null)[]> {
    const answers: (TaskRow | null)[] = keys.map(() => null);
    let waiting = uniqueInOrder(keys);
    for (let attempt = 0; waiting.length > 0; attempt++) {
      if (attempt >= ATTEMPTS)
        throw new RepositoryException('Too many processes write the same rows at once');
      const found = new Map(
        (yield* this.statements.findVersioned(waiting)).map((one) => [textOf(one.row), one]),
      );
      const again: RowKey[] = [];
      for (const key of waiting) {
        const before = found.get(textOf(key)) ?? null;
        let row = before?.row ?? null;
        keys.forEach((other, index) => {
          if (textOf(other) === textOf(key)) answers[index] = row = decide(row, index);
        });
        if (!(yield* this.write(before, row))) again.push(key);
      }
      waiting = again;
    }
    return answers;
  }

  upsert(keys: readonly RowKey[], decide: Decide): Work<(TaskRow | null)[]> {
    return this.change(keys, decide);
  }

  private *write(before: VersionedRow | null, row: TaskRow | null): Work<boolean> {
    if (before === null) return row === null || (yield* this.statements.insertIf(row));
    if (row === before.row) return true;
    return row === null
      ? yield* this.statements.deleteIf(before.row, before.version)
      : yield* this.statements.saveIf(row, before.version);
  }
}
