import type { Clock } from '../../core/clock.js';
import { RepositoryException } from '../../core/errors.js';
import type { ExecutionHistory } from '../../core/execution-history.js';
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
import { ServerTime } from '../server-time.js';
import type { RedisStoreOptions } from './repository-options.js';
import { Store } from './store.js';

/**
 * The repository on Redis. It decides nothing: rows are read, the functions of `task-transitions` say what becomes of them, and a
 * script writes what they say where nobody has written since.
 */
export class RedisRepository implements TaskRepository {
  readonly features = { name: 'Redis', transactions: false };
  readonly history: ExecutionHistory = {
    record: (entries) => this.opened.history.record(entries),
    list: (request) => this.opened.history.list(request),
    prune: (endedBefore, limit) => this.opened.history.prune(endedBefore, limit),
  };
  private store: Store | null = null;
  private opening: Promise<Store> | null = null;
  private sessions = 0;
  /** Of all applications that have it open. */
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
      onDueElsewhere: (dueAt) => this.eachListener((session) => session.onDueElsewhere?.(dueAt)),
      warn: (message) => this.eachListener((session) => session.warn?.(message)),
    });
    try {
      this.store = await this.opening;
    } catch (error) {
      this.opening = null;
      throw error;
    }
    if (this.sessions === 0) this.clock = session.isClockGiven ? session.clock : null;
    this.sessions++;
    if (this.clock === null) await this.measure();
    this.listeners.push(session);
  }

  async close(session?: RepositorySession): Promise<void> {
    this.listeners = this.listeners.filter((listener) => listener !== session);
    if (this.sessions === 0 || --this.sessions > 0) return;
    const { store } = this;
    this.store = this.opening = null;
    this.listeners = [];
    store?.close();
  }

  now(): number {
    return this.clock?.now() ?? this.time.now();
  }

  exactNow(): number {
    return this.clock?.now() ?? this.time.exactNow();
  }

  register(registrations: readonly Registration[], transaction?: unknown): Promise<readonly TaskRow[]> {
    return this.opened.asked.register(registrations, transaction);
  }

  unregister(keys: readonly RowKey[], transaction?: unknown): Promise<readonly boolean[]> {
    return this.opened.asked.unregister(keys, transaction);
  }

  claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const given = this.clock?.now() ?? null;
    return this.opened.claims.claim(request, given, (look) =>
      given === null ? this.time.measure(look, ({ now }) => now) : look(),
    );
  }

  settle(requests: readonly SettleRequest[]): Promise<readonly SettleAnswer[]> {
    return this.opened.leased.settle(requests);
  }

  renew(requests: readonly RenewRequest[]): Promise<readonly RenewAnswer[]> {
    return this.opened.leased.renew(requests);
  }

  reseat(requests: readonly ReseatRequest[]): Promise<readonly boolean[]> {
    return this.opened.leased.reseat(requests);
  }

  pause(keys: readonly RowKey[]): Promise<readonly (TaskRow | null)[]> {
    return this.opened.asked.pause(keys);
  }

  resume(requests: readonly ResumeRequest[]): Promise<readonly (TaskRow | null)[]> {
    return this.opened.asked.resume(requests);
  }

  trigger(requests: readonly TriggerRequest[]): Promise<readonly (TaskRow | null)[]> {
    return this.opened.asked.trigger(requests);
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

  private eachListener(tell: (session: RepositorySession) => void): void {
    this.listeners.forEach(tell);
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
