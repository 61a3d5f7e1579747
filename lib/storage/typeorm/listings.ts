import type { RowFilter, UpcomingRequest } from '../../core/row-requests.js';
import { stateOf } from '../../core/row-state.js';
import type { ListRequest, ListedRow } from '../../core/task-repository.js';
import { type TaskRow, STATIC_INSTANCE } from '../../core/task-row.js';
import { textOf } from './row-store.js';
import type { Work } from './statement.js';
import type { Store } from './store.js';

/** What can be asked about rows without changing them: pages of them, how many, and which become due next. */
export class Listings {
  constructor(
    private readonly store: Store,
    private readonly now: number,
  ) {}

  list(request: ListRequest): Promise<readonly ListedRow[]> {
    const { store, now } = this;
    return this.read(function* () {
      const isPaused = yield* pausedAsWhole(store, request);
      const rows = yield* store.listings.list(request, isPaused, now);
      return rows.map((row) => listed(row, isPaused, now));
    });
  }

  count(filter: RowFilter): Promise<number> {
    const { store, now } = this;
    return this.read(function* () {
      return yield* store.listings.count(filter, yield* pausedAsWhole(store, filter), now);
    });
  }

  upcoming(request: UpcomingRequest): Promise<readonly ListedRow[]> {
    const { store, now } = this;
    return this.read(function* () {
      const keys = yield* store.listings.upcoming(request, now);
      const rows = new Map((yield* store.statements.find(keys)).map((row) => [textOf(row), row]));
      return keys.flatMap((key) => {
        const row = rows.get(textOf(key));
        return row === undefined ? [] : [listed(row, false, now)];
      });
    });
  }

  private read<T>(work: () => Work<T>): Promise<T> {
    return this.store.database.connection.read(work);
  }
}

/** A row with its state. `isPaused`: its template is paused as a whole. */
export const listed = (row: TaskRow, isPaused: boolean, now: number): ListedRow => ({
  row,
  state: stateOf(row, now, isPaused && row.instance !== STATIC_INSTANCE),
});

function* pausedAsWhole({ statements }: Store, { task, isStatic }: RowFilter): Work<boolean> {
  return !isStatic && (yield* statements.paused([task])).has(task);
}
