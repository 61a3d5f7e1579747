import type { Clock } from '../../core/clock.js';
import { RepositoryException } from '../../core/errors.js';
import type { RowFilter, UpcomingRequest } from '../../core/row-requests.js';
import type {
  ClaimRequest,
  ClaimResult,
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
  TriggerRequest,
} from '../../core/task-repository.js';
import type { RowKey, TaskRow } from '../../core/task-row.js';
import * as transitions from '../../core/task-transitions.js';
import { ServerTime } from '../server-time.js';
import type { RedisStoreOptions } from './repository-options.js';
import { Store } from './store.js';

/**
 * The repository on Redis. It decides nothing: rows are read, the functions of `task-transitions` say what becomes of them, and a
 * script writes what they say where nobody has written since.
 */
export class RedisRepository implements TaskRepository {
  readonly features = { name: 'Redis', transactions: false };
  private store: Store | null = null;
  private opening: Promise<Store> | null = null;
  private sessions = 0;
  /** Of all applications that have opened it since it was closed. */
  private listeners: RepositorySession[] = [];
  private clock: Clock | null = null;
  private readonly time = new ServerTime();

  constructor(private readonly options: RedisStoreOptions) {}

  get problems(): readonly string[] {
    return this.options.problems;
  }

  async open(session: RepositorySession): Promise<void> {
    this.opening ??= Store.open(this.options, session, {
      now: () => this.now(),
      onDueElsewhere: (dueAt) => this.wake(dueAt),
    });
    try {
      this.store = await this.opening;
    } catch (error) {
      this.opening = null;
      throw error;
    }
    if (this.sessions === 0) this.clock = session.isClockGiven ? session.clock : null;
    this.sessions++;
    this.listeners.push(session);
    if (this.clock === null) await this.measure();
  }

  async close(): Promise<void> {
    if (this.sessions === 0 || --this.sessions > 0) return;
    const { store } = this;
    this.store = this.opening = null;
    this.listeners = [];
    store?.close();
  }

  now(): number {
    return this.clock?.now() ?? this.time.now();
  }

  async register(registrations: readonly Registration[], transaction?: unknown): Promise<readonly TaskRow[]> {
    refuse(transaction);
    const now = this.now();
    const rows = await this.opened.rows.change(registrations, (row, index) => {
      const registration = registrations[index];
      return registration === undefined ? row : transitions.schedule(row, registration, now);
    });
    return rows.filter((row) => row !== null);
  }

  async unregister(keys: readonly RowKey[], transaction?: unknown): Promise<readonly boolean[]> {
    refuse(transaction);
    const existed = keys.map(() => false);
    await this.opened.rows.change(keys, (row, index) => {
      existed[index] = row !== null;
      return null;
    });
    return existed;
  }

  claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const given = this.clock?.now() ?? null;
    return this.opened.claims.claim(request, given, (look) =>
      given === null ? this.time.measure(look, ({ now }) => now) : look(),
    );
  }

  async settle(requests: readonly SettleRequest[]): Promise<readonly SettleAnswer[]> {
    const now = this.now();
    const answers: SettleAnswer[] = requests.map(() => 'gone');
    await this.opened.rows.changeLeased(requests, (row, index) => {
      const request = requests[index];
      if (request === undefined) return row;
      const settled = transitions.settle(row, request, request.settlement, now);
      answers[index] = settled.answer;
      return settled.row;
    });
    return answers;
  }

  async renew(requests: readonly RenewRequest[]): Promise<readonly RenewAnswer[]> {
    const renewed = await this.opened.rows.changeLeased(requests, (row, index) => {
      const request = requests[index];
      return row && request ? transitions.renew(row, request, request.until) : row;
    });
    return renewed.map((row, index): RenewAnswer => {
      if (row === null) return { kind: 'gone' };
      return row.leaseToken === requests[index]?.leaseToken && row.lockedUntil !== null
        ? { kind: 'renewed', until: row.lockedUntil }
        : { kind: 'lost' };
    });
  }

  async reseat(requests: readonly ReseatRequest[]): Promise<readonly boolean[]> {
    const isOurs = requests.map(() => false);
    await this.opened.rows.changeLeased(requests, (row, index) => {
      const request = requests[index];
      isOurs[index] = false;
      if (row === null || request === undefined) return row;
      const reseated = transitions.reseat(row, request, request.scheduledAt);
      isOurs[index] = reseated !== row;
      return reseated;
    });
    return isOurs;
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
    await this.opened.controls.setPaused(task, isPaused);
  }

  async isTemplatePaused(task: string): Promise<boolean> {
    return (await this.opened.controls.pausedOf([task])).has(task);
  }

  find(keys: readonly RowKey[]): Promise<readonly (ListedRow | null)[]> {
    return this.opened.listing.find(keys);
  }

  list(request: ListRequest): Promise<readonly ListedRow[]> {
    return this.opened.listing.list(request);
  }

  count(filter: RowFilter): Promise<number> {
    return this.opened.listing.count(filter);
  }

  upcoming(request: UpcomingRequest): Promise<readonly ListedRow[]> {
    return this.opened.upcoming.list(request);
  }

  requeue(task: string, placement: QueuePlacement): Promise<number> {
    return this.opened.requeuing.place(task, placement);
  }

  tasks(): Promise<readonly string[]> {
    return this.opened.tasks();
  }

  announceDue(dueAt: number): void {
    if (this.options.notify) this.store?.wakeUps.announce(dueAt);
  }

  private change<Request extends RowKey>(
    requests: readonly Request[],
    decide: (row: TaskRow, request: Request, now: number) => TaskRow,
  ): Promise<readonly (TaskRow | null)[]> {
    const now = this.now();
    return this.opened.rows.change(requests, (row, index) => {
      const request = requests[index];
      return row && request ? decide(row, request, now) : row;
    });
  }

  private wake(dueAt: number): void {
    for (const session of this.listeners) session.onDueElsewhere?.(dueAt);
  }

  private async measure(): Promise<void> {
    try {
      await this.time.measure(
        () => this.opened.look.askTime(),
        (time) => time,
      );
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  private get opened(): Store {
    if (this.store === null) throw new RepositoryException('The repository is not open');
    return this.store;
  }
}

function refuse(transaction: unknown): void {
  if (transaction !== undefined && transaction !== null)
    throw new RepositoryException(
      'The schedule lives in Redis, which cannot join a transaction of a database: leave `manager` out, or use typeOrmRepository()',
    );
}
