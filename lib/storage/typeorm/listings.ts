import type { RowFilter, UpcomingRequest } from '../../core/row-requests.js';
import { stateOf } from '../../core/row-state.js';
import type { ListRequest, ListedRow } from '../../core/task-repository.js';
import { type RowKey, type TaskRow, STATIC_INSTANCE } from '../../core/task-row.js';
import { textOf } from './row-store.js';
import type { Work } from './statement.js';
import type { Store } from './store.js';
import { CONTROL } from './task-statements.js';

/** Most tasks that are looked at for rows nobody knows. */
const TASKS_LOOKED_AT = 200;

/** What can be asked about rows without changing them: pages of them, how many, and which become due next. */
export class Listings {
  constructor(
    private readonly store: Store,
    private readonly now: number,
  ) {}

  find(keys: readonly RowKey[]): Promise<readonly (ListedRow | null)[]> {
    const { store, now } = this;
    return this.read(function* () {
      const found = new Map((yield* store.statements.find(keys)).map((row) => [textOf(row), row]));
      const paused = yield* store.statements.paused(keys.map(({ task }) => task));
      return keys.map((key) => {
        const row = found.get(textOf(key));
        return row === undefined ? null : listed(row, paused.has(key.task), now);
      });
    });
  }

  async isTemplatePaused(task: string): Promise<boolean> {
    return (await this.read(() => this.store.statements.paused([task]))).has(task);
  }

  /** The names that rows have, whoever knows them. */
  tasks(): Promise<readonly string[]> {
    const { lookups } = this.store;
    return this.read(function* () {
      const tasks: string[] = [];
      let task = yield* lookups.taskAfter(CONTROL);
      while (task !== null && tasks.push(task) < TASKS_LOOKED_AT) task = yield* lookups.taskAfter(task);
      return tasks;
    });
  }

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
const listed = (row: TaskRow, isPaused: boolean, now: number): ListedRow => ({
  row,
  state: stateOf(row, now, isPaused && row.instance !== STATIC_INSTANCE),
});

function* pausedAsWhole({ statements }: Store, { task, isStatic }: RowFilter): Work<boolean> {
  return !isStatic && (yield* statements.paused([task])).has(task);
}
