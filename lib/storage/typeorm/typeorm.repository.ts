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
import * as wishes from '../row-wishes.js';
import { type Wish, eachOf, removal, renewAnswer, reseating } from '../row-wishes.js';
import { ServerTime } from '../server-time.js';
import { OWN_CONNECTIONS, type SqlRepositoryOptions } from './repository-options.js';
import { Executions } from './executions.js';
import { Listings } from './listings.js';
import { Queues } from './queues.js';
import { type Notifications, startNotifications } from './notifications.js';
import { insertOrRegister, registerRows } from './registrations.js';
import type { Work } from './statement.js';
import { SqlHistory } from './sql-history.js';
import { Store } from './store.js';
import { pauseTemplate } from './template-control.js';

/** How long a call of the application waits for its own transaction on SQLite's one connection. */
const CLIENT_LIMIT_MS = 5_000;

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
  private async listen({ database, table }: Store, session: RepositorySession): Promise<void> {
    this.listening ??= startNotifications(database, table, this.options, () => this.now());
    try {
      this.notifications = await this.listening;
    } catch (error) {
      this.listening = null;
      if (--this.sessions === 0) await this.forget();
      throw error;
    }
    this.notifications.subscribe(session);
  }

  async close(session?: RepositorySession): Promise<void> {
    if (session !== undefined) this.notifications?.unsubscribe(session);
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

  exactNow(): number {
    return this.clock?.now() ?? this.time.exactNow();
  }

  register(registrations: readonly Registration[], transaction?: unknown): Promise<readonly TaskRow[]> {
    const store = this.opened;
    return (transaction ?? null) === null && store.newRows !== null
      ? insertOrRegister(store, store.newRows, registrations, this.now(), CLIENT_LIMIT_MS)
      : this.write(transaction, ({ rows }, now) => registerRows(rows, registrations, now));
  }

  unregister(keys: readonly RowKey[], transaction?: unknown): Promise<readonly boolean[]> {
    return this.write(transaction, function* ({ rows }) {
      const { decide, noted } = removal(keys);
      yield* rows.change(keys, decide);
      return noted;
    });
  }

  claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const store = this.opened;
    const given = this.clock?.now() ?? null;
    return store.claims.claim(store, request, given, (ask) =>
      given === null ? this.time.measure(ask, ({ now, stay }) => stay ?? now) : ask(),
    );
  }

  settle(requests: readonly SettleRequest[]): Promise<readonly SettleAnswer[]> {
    return this.opened.settlements.settle(requests, () => this.now(), this.history);
  }

  renew(requests: readonly RenewRequest[]): Promise<readonly RenewAnswer[]> {
    return this.writeOwn(function* ({ rows }, now) {
      const renewed = yield* rows.change(requests, eachOf(requests, now, wishes.renew));
      return renewed.map((row, index) => renewAnswer(row, requests[index]));
    });
  }

  reseat(requests: readonly ReseatRequest[]): Promise<readonly boolean[]> {
    return this.writeOwn(function* ({ rows }, now) {
      const { decide, noted } = reseating(requests, now);
      yield* rows.change(requests, decide);
      return noted;
    });
  }

  pause(keys: readonly RowKey[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(keys, wishes.pause);
  }

  resume(requests: readonly ResumeRequest[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(requests, wishes.resume);
  }

  trigger(requests: readonly TriggerRequest[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(requests, wishes.trigger);
  }

  setTemplatePaused(task: string, isPaused: boolean): Promise<void> {
    return this.write(undefined, ({ rows }) => pauseTemplate(rows, task, isPaused));
  }

  async isTemplatePaused(task: string): Promise<boolean> {
    return this.listings.isTemplatePaused(task);
  }

  find(keys: readonly RowKey[]): Promise<readonly (ListedRow | null)[]> {
    return this.listings.find(keys);
  }

  list(request: ListRequest): Promise<readonly ListedRow[]> {
    return this.listings.list(request);
  }

  count(filter: RowFilter): Promise<number> {
    return this.listings.count(filter);
  }

  upcoming(request: UpcomingRequest): Promise<readonly ListedRow[]> {
    return this.listings.upcoming(request);
  }

  async tasks(): Promise<readonly string[]> {
    return this.listings.tasks();
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

  private get listings(): Listings {
    return new Listings(this.opened, this.now());
  }

  private change<Request extends RowKey>(
    requests: readonly Request[],
    wish: Wish<Request>,
  ): Promise<readonly (TaskRow | null)[]> {
    return this.write(undefined, ({ rows }, now) => rows.change(requests, eachOf(requests, now, wish)));
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
