import { randomUUID } from 'node:crypto';
import { type Clock, SystemClock } from '../core/clock.js';
import { RepositoryException } from '../core/errors.js';
import type { RowFilter, UpcomingRequest } from '../core/row-requests.js';
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
} from '../core/task-repository.js';
import type { RowKey, TaskRow } from '../core/task-row.js';
import * as transitions from '../core/task-transitions.js';
import * as wishes from './row-wishes.js';
import { type Wish, renewAnswer, reseating } from './row-wishes.js';
import { MemoryClaim } from './memory-claim.js';
import { MemoryHistory } from './memory-history.js';
import { MemoryListing } from './memory-listing.js';
import { MemoryRows } from './memory-rows.js';

/**
 * A schedule that lives in the memory of this process: fast, gone with the process, without coordination between processes.
 * Given to two applications of one process it is one repository.
 */
export function memoryRepository(): TaskRepository {
  return new MemoryRepository();
}

class MemoryRepository implements TaskRepository {
  readonly features = { name: 'memory', transactions: false };
  readonly history = new MemoryHistory();
  private readonly rows = new MemoryRows();
  private readonly pausedTemplates = new Set<string>();
  private readonly listing = new MemoryListing(this.rows, this.pausedTemplates, () => this.now());
  private clock: Clock = new SystemClock();
  private sessions = 0;
  private turn = 0;

  /** The first of the applications that have it open at the same time brings the clock. */
  async open(session: RepositorySession): Promise<void> {
    if (this.sessions++ === 0) this.clock = session.clock;
  }

  async close(): Promise<void> {
    this.sessions--;
  }

  now(): number {
    return this.clock.now();
  }

  async register(registrations: readonly Registration[], transaction?: unknown): Promise<readonly TaskRow[]> {
    refuse(transaction);
    const now = this.now();
    return registrations.map((registration) => {
      const row = transitions.schedule(this.rows.get(registration), registration, now);
      this.rows.update(registration, () => row);
      return row;
    });
  }

  async unregister(keys: readonly RowKey[], transaction?: unknown): Promise<readonly boolean[]> {
    refuse(transaction);
    return keys.map((key) => {
      const existed = this.rows.find(key) !== undefined;
      this.rows.update(key, () => null);
      return existed;
    });
  }

  async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const tasks = request.tasks.filter(({ task }) => !this.pausedTemplates.has(task));
    return new MemoryClaim(this.rows, { ...request, tasks }, this.now(), randomUUID).take(this.turn++);
  }

  async settle(requests: readonly SettleRequest[]): Promise<readonly SettleAnswer[]> {
    const now = this.now();
    return requests.map((request) => {
      const { row, answer } = transitions.settle(this.rows.get(request), request, request.settlement, now);
      this.rows.update(request, () => row);
      if (request.execution !== undefined) this.history.add(request.execution);
      return answer;
    });
  }

  async renew(requests: readonly RenewRequest[]): Promise<readonly RenewAnswer[]> {
    const renewed = this.change(requests, wishes.renew);
    return renewed.map((row, index) => renewAnswer(row, requests[index]));
  }

  async reseat(requests: readonly ReseatRequest[]): Promise<readonly boolean[]> {
    const { decide, noted } = reseating(requests, this.now());
    requests.forEach((request, index) => this.rows.update(request, (row) => decide(row, index)));
    return noted;
  }

  async pause(keys: readonly RowKey[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(keys, wishes.pause);
  }

  async resume(requests: readonly ResumeRequest[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(requests, wishes.resume);
  }

  async trigger(requests: readonly TriggerRequest[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(requests, wishes.trigger);
  }

  private change<Request extends RowKey>(
    requests: readonly Request[],
    wish: Wish<Request>,
  ): readonly (TaskRow | null)[] {
    const now = this.now();
    return requests.map((request) => this.rows.update(request, (row) => row && wish(row, request, now)));
  }

  async setTemplatePaused(task: string, isPaused: boolean): Promise<void> {
    if (isPaused) this.pausedTemplates.add(task);
    else this.pausedTemplates.delete(task);
  }

  async isTemplatePaused(task: string): Promise<boolean> {
    return this.pausedTemplates.has(task);
  }

  async find(keys: readonly RowKey[]): Promise<readonly (ListedRow | null)[]> {
    return keys.map((key) => {
      const row = this.rows.get(key);
      return row && this.listing.listed(row);
    });
  }

  async list(request: ListRequest): Promise<readonly ListedRow[]> {
    return this.listing.list(request);
  }

  async count(filter: RowFilter): Promise<number> {
    return this.listing.count(filter);
  }

  async upcoming(request: UpcomingRequest): Promise<readonly ListedRow[]> {
    return this.listing.upcoming(request);
  }

  async requeue(task: string, { queues, queueOf }: QueuePlacement): Promise<number> {
    let moved = 0;
    for (const row of this.rows.walk(task, null)) {
      if (row.instance === '' || queues.includes(row.queue)) continue;
      const queue = queueOf(row.instance);
      this.rows.update(row, () => ({ ...row, queue }));
      moved++;
    }
    return moved;
  }
}

function refuse(transaction: unknown): void {
  if (transaction !== undefined && transaction !== null)
    throw new RepositoryException(
      'The schedule lives in memory, which cannot join a transaction: leave `manager` out, or use a repository on a database',
    );
}
