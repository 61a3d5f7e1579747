import type { Clock } from '../../core/clock.js';
import { RepositoryException } from '../../core/errors.js';
import type { ExecutionEntry } from '../../core/execution-history.js';
import type { RowFilter, UpcomingRequest } from '../../core/row-requests.js';
import type {
  ClaimRequest,
  ClaimResult,
  ExecutionTransaction,
  ListRequest,
  ListedRow,
  QueuePlacement,
  Registration,
  RenewAnswer,
  RenewRequest,
  RepositorySession,
  ReseatRequest,
  ResumeRequest,
  SettleAnswer,
  SettleRequest,
  TaskRepository,
  TransactionConcurrency,
  TriggerRequest,
} from '../../core/task-repository.js';
import type { RowKey, TaskRow } from '../../core/task-row.js';
import * as transitions from '../../core/task-transitions.js';
import { ServerTime } from '../server-time.js';
import { OWN_CONNECTIONS, type SqlRepositoryOptions } from './repository-options.js';
import { Executions } from './executions.js';
import { Listings, listed } from './listings.js';
import { Queues } from './queues.js';
import { type Notifications, startNotifications } from './notifications.js';
import { insertOrRegister, registerRows } from './registrations.js';
import type { Work } from './statement.js';
import { SqlHistory } from './sql-history.js';
import { Store } from './store.js';
import { CONTROL } from './task-statements.js';

/** How long a call of the application waits for its own transaction on SQLite's one connection. */
const CLIENT_LIMIT_MS = 5_000;

/** Most tasks that are looked at for rows nobody knows. */
const TASKS_LOOKED_AT = 200;

/**
 * One repository for every SQL database that TypeORM knows. It decides nothing: rows are read and held, the functions of
 * `task-transitions` say what becomes of them, and what they say is written.
 */
export class TypeOrmRepository implements TaskRepository {
  private store: Store | null = null;
  private opening: Promise<Store> | null = null;
  private notifications: Notifications | null = null;
  private listening: Promise<Notifications> | null = null;
  private sessions = 0;
  private clock: Clock | null = null;
  private readonly time = new ServerTime();
  readonly history = new SqlHistory(() => this.opened);

  constructor(private readonly options: SqlRepositoryOptions) {}

  get problems(): readonly string[] {
    return this.options.problems;
  }

  get features() {
    const { source } = this.options;
    const name =
      this.store?.database.dialect.name ?? (typeof source === 'function' ? 'TypeORM' : source.type);
    return { name, transactions: true };
  }

  /** A connection each. */
  get registersAtOnce(): number {
    return (this.store?.newRows ?? null) === null ? 1 : OWN_CONNECTIONS;
  }

  get transactionConcurrency(): TransactionConcurrency {
    return this.opened.database.transactionConcurrency;
  }

  async open(session: RepositorySession): Promise<void> {
    this.opening ??= Store.open(this.options, session);
    try {
      this.store = await this.opening;
    } catch (error) {
      this.opening = null;
      throw error;
    }
    await this.prepareHistory(this.store, session);
    const isHere = session.isClockGiven || this.store.database.dialect.time === null;
    if (this.sessions++ === 0) this.clock = isHere ? session.clock : null;
    if (this.clock === null) await this.measure();
    if (this.options.notify === true) await this.listen(this.store, session);
  }

  announceDue(dueAt: number): void {
    this.notifications?.announce(dueAt);
  }

  /** One connection for all sessions. */
  private async listen({ database, table }: Store, { onDueElsewhere }: RepositorySession): Promise<void> {
    this.listening ??= startNotifications(database, table, this.options, () => this.now());
    try {
      this.notifications = await this.listening;
    } catch (error) {
      this.listening = null;
      if (--this.sessions === 0) await this.forget();
      throw error;
    }
    if (onDueElsewhere !== undefined) this.notifications.subscribe(onDueElsewhere);
  }

  async close(): Promise<void> {
    if (this.sessions === 0 || --this.sessions > 0) return;
    await this.forget();
  }

  private async prepareHistory(store: Store, session: RepositorySession): Promise<void> {
    try {
      await this.history.prepare(store, session, this.options.createTables);
    } catch (error) {
      if (this.sessions === 0) await this.forget();
      throw error;
    }
  }

  private async forget(): Promise<void> {
    const { store, notifications } = this;
    this.store = this.opening = null;
    this.notifications = this.listening = null;
    await notifications?.stop();
    await store?.close();
  }

  now(): number {
    return this.clock?.now() ?? this.time.now();
  }

  register(registrations: readonly Registration[], transaction?: unknown): Promise<readonly TaskRow[]> {
    const store = this.opened;
    return (transaction ?? null) === null && store.newRows !== null
      ? insertOrRegister(store, store.newRows, registrations, this.now(), CLIENT_LIMIT_MS)
      : this.write(transaction, ({ rows }, now) => registerRows(rows, registrations, now));
  }

  unregister(keys: readonly RowKey[], transaction?: unknown): Promise<readonly boolean[]> {
    return this.write(transaction, function* ({ rows }) {
      const existed = keys.map(() => false);
      yield* rows.change(keys, (row, index) => {
        existed[index] = row !== null;
        return null;
      });
      return existed;
    });
  }

  claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const store = this.opened;
    const given = this.clock?.now() ?? null;
    return store.claims.claim(store, request, given, (ask) =>
      given === null ? this.time.measure(ask, ({ now }) => now) : ask(),
    );
  }

  settle(requests: readonly SettleRequest[]): Promise<readonly SettleAnswer[]> {
    return this.opened.settlements.settle(requests, () => this.now(), this.history);
  }

  renew(requests: readonly RenewRequest[]): Promise<readonly RenewAnswer[]> {
    return this.writeOwn(function* ({ rows }) {
      const renewed = yield* rows.change(requests, (row, index) => {
        const request = requests[index];
        return row && request ? transitions.renew(row, request, request.until) : row;
      });
      return renewed.map((row, index): RenewAnswer => {
        if (row === null) return { kind: 'gone' };
        return row.leaseToken === requests[index]?.leaseToken && row.lockedUntil !== null
          ? { kind: 'renewed', until: row.lockedUntil }
          : { kind: 'lost' };
      });
    });
  }

  reseat(requests: readonly ReseatRequest[]): Promise<readonly boolean[]> {
    return this.writeOwn(function* ({ rows }) {
      const isOurs = requests.map(() => false);
      yield* rows.change(requests, (row, index) => {
        const request = requests[index];
        const reseated = row && request ? transitions.reseat(row, request, request.scheduledAt) : row;
        // A row may be decided about again: what was found out first does not count.
        isOurs[index] = reseated !== row;
        return reseated;
      });
      return isOurs;
    });
  }

  pause(keys: readonly RowKey[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(keys, (row) => transitions.pause(row));
  }

  resume(requests: readonly ResumeRequest[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(requests, (row, { from, place, evenIfFree }, now) => {
      const held = evenIfFree === true && row.hold === null ? transitions.pause(row) : row;
      return transitions.resume(held, from, from === 'now' ? place(row, now) : null, now);
    });
  }

  trigger(requests: readonly TriggerRequest[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(requests, (row, { args, origin }, now) => transitions.trigger(row, args, now, origin));
  }

  async setTemplatePaused(task: string, isPaused: boolean): Promise<void> {
    const control = controlRow(task);
    await this.write(undefined, ({ rows }) =>
      rows.upsert([control], (row) => (isPaused ? (row ?? control) : null)),
    );
  }

  async isTemplatePaused(task: string): Promise<boolean> {
    const { database, statements } = this.opened;
    return (await database.connection.read(() => statements.paused([task]))).has(task);
  }

  find(keys: readonly RowKey[]): Promise<readonly (ListedRow | null)[]> {
    const { database, statements } = this.opened;
    const now = this.now();
    return database.connection.read(function* () {
      const found = yield* statements.find(keys);
      const paused = yield* statements.paused(keys.map(({ task }) => task));
      return keys.map(({ task, instance }) => {
        const row = found.find((one) => one.task === task && one.instance === instance);
        return row === undefined ? null : listed(row, paused.has(task), now);
      });
    });
  }

  list(request: ListRequest): Promise<readonly ListedRow[]> {
    return new Listings(this.opened, this.now()).list(request);
  }

  count(filter: RowFilter): Promise<number> {
    return new Listings(this.opened, this.now()).count(filter);
  }

  upcoming(request: UpcomingRequest): Promise<readonly ListedRow[]> {
    return new Listings(this.opened, this.now()).upcoming(request);
  }

  requeue(task: string, placement: QueuePlacement): Promise<number> {
    return new Queues(this.opened).place(task, placement);
  }

  afterCommit(transaction: unknown, callback: () => void): void {
    const { database } = this.opened;
    database.commits.after(database.managerOf(transaction), callback);
  }

  transact<T>(work: (transaction: ExecutionTransaction) => Promise<T>): Promise<T> {
    return new Executions(this.opened, () => this.now()).run(work);
  }

  async tasks(): Promise<readonly string[]> {
    const { database, lookups } = this.opened;
    return database.connection.read(function* () {
      const tasks: string[] = [];
      for (
        let task = yield* lookups.taskAfter(CONTROL);
        task !== null;
        task = yield* lookups.taskAfter(task)
      ) {
        tasks.push(task);
        if (tasks.length >= TASKS_LOOKED_AT) break;
      }
      return tasks;
    });
  }

  private change<Request extends RowKey>(
    requests: readonly Request[],
    decide: (row: TaskRow, request: Request, now: number) => TaskRow,
  ): Promise<readonly (TaskRow | null)[]> {
    return this.write(undefined, ({ rows }, now) =>
      rows.change(requests, (row, index) => {
        const request = requests[index];
        return row && request ? decide(row, request, now) : row;
      }),
    );
  }

  private async write<T>(transaction: unknown, work: (store: Store, now: number) => Work<T>): Promise<T> {
    const store = this.opened;
    const now = this.now();
    if (transaction === undefined || transaction === null)
      return store.database.connection.write(() => work(store, now), CLIENT_LIMIT_MS);
    return store.database.join(transaction, () => work(store, now));
  }

  /** What the engine does for itself: no transaction of the application is waiting for it, so it may be patient. */
  private async writeOwn<T>(
    work: (store: Store, now: number) => Work<T>,
    executions: readonly ExecutionEntry[] = [],
  ): Promise<T> {
    const store = this.opened;
    return this.history.along(executions, () => work(store, this.now()));
  }

  private async measure(): Promise<void> {
    const { database, probes } = this.opened;
    await this.time.measure(
      () => database.connection.read(() => probes.askTime()),
      (time) => time,
    );
  }

  private get opened(): Store {
    if (this.store === null) throw new RepositoryException('The repository is not open');
    return this.store;
  }
}

/** Says by being there that a template is paused as a whole. */
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
