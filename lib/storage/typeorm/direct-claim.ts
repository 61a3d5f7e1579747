import type { ClaimRequest, ClaimResult, ClaimableTask, ClaimedRow } from '../../core/task-repository.js';
import type { AskedQueue } from './claim-shares.js';
import { type DueAnswer, NO_MOMENTS, type QueueMoments } from './due-rows.js';

/** How much of its limit a claim leaves unused before it asks again queues that were known to be busy. */
const WASTE = 0.25;

/** Rows that were claimed and settled in one, when that was (null: there were none), and when some of them are due again. */
export interface SettledRows {
  readonly now: number | null;
  readonly claimed: readonly ClaimedRow[];
  readonly againAt: number | null;
  /** The queues that gave all they were asked for. */
  readonly full: readonly string[];
}

/** What was thrown, whatever it was. */
export interface ClaimFailure {
  readonly error: unknown;
}

/** One claim while it goes on: what it has, what may still be claimed, and where more is due. */
export class DirectClaim {
  /** Queues that had more due than their shares. */
  readonly busy = new Set<string>();
  /** What has failed although something was claimed: that is answered, and executed, before the failure is. */
  failure: ClaimFailure | null = null;
  private readonly claimed: ClaimedRow[] = [];
  /** What was settled may be due again at once, and no row is taken twice: such queues are asked once. */
  private readonly settledFrom = new Set<string>();
  private readonly ofTask = new Map<string, number>();
  private readonly moments = new Map<string, QueueMoments>();
  private readonly tasks: ReadonlyMap<string, ClaimableTask>;
  private transactions = 0;
  private beganAt: number | null = null;

  constructor(private readonly request: ClaimRequest) {
    this.tasks = new Map(request.tasks.map((task) => [task.task, task]));
  }

  /** The store's time when it began. */
  get now(): number {
    return this.beganAt ?? 0;
  }

  get isEmpty(): boolean {
    return this.claimed.length === 0;
  }

  /** What has been leased by asking some queues, and when to look at them again. */
  leased(asked: readonly AskedQueue[], { now, rows, moments }: DueAnswer): void {
    this.beganAt ??= now;
    const given = new Map<string, number>();
    for (const row of rows) {
      this.add({ row, isSettled: false });
      given.set(row.queue, (given.get(row.queue) ?? 0) + 1);
    }
    asked.forEach(({ queue, share }, index) => {
      const seen = moments[index] ?? NO_MOMENTS;
      const isBusy = share === 0 ? seen.overdueAt !== null : (given.get(queue) ?? 0) >= share;
      this.see(queue, isBusy, { ...seen, overdueAt: isBusy ? (seen.overdueAt ?? now) : null });
    });
  }

  /** Whether something is due in a queue that has been looked at. */
  isDue(queue: string): boolean {
    return this.busy.has(queue);
  }

  /** What has been claimed and settled in one, in one part or several. */
  settled(asked: readonly AskedQueue[], parts: readonly SettledRows[]): void {
    for (const { now, claimed } of parts) {
      if (now !== null) this.beganAt ??= now;
      for (const one of claimed) this.add(one);
    }
    const full = new Set(parts.flatMap((part) => part.full));
    const againAt = parts.map((part) => part.againAt).reduce(earlierOf, null);
    for (const { queue } of asked) {
      this.settledFrom.add(queue);
      const { nextDueAt } = this.moments.get(queue) ?? NO_MOMENTS;
      const overdueAt = full.has(queue) ? this.now : null;
      this.see(queue, full.has(queue), { nextDueAt: earlierOf(nextDueAt, againAt), overdueAt });
    }
  }

  /** What may still be claimed from the queues that have more; null: nothing, or nothing worth asking for. */
  rest(known: ReadonlySet<string>): ClaimRequest | null {
    const limit = this.request.limit - this.claimed.length;
    const isNews = [...this.busy].some((queue) => !known.has(queue));
    if (limit <= 0 || (!isNews && limit <= this.request.limit * WASTE)) return null;
    const tasks = this.request.tasks.flatMap((task) => {
      const queues = task.queues.filter((queue) => this.busy.has(queue) && !this.settledFrom.has(queue));
      const left = this.leftOf(task);
      return queues.length === 0 || left <= 0 ? [] : [{ ...task, queues, limit: left }];
    });
    if (tasks.length === 0) return null;
    return { ...this.request, limit, tasks, transactionLimit: this.transactionsLeft };
  }

  get result(): ClaimResult {
    // A failure is to be answered soon.
    let next = this.failure === null ? null : this.now;
    for (const task of this.request.tasks) {
      // At a limit of its own nothing more of a task can start; at the claim's limit the next claim may go on.
      if (this.leftOf(task) <= 0 && task.limit < this.request.limit) continue;
      for (const queue of task.queues) {
        const { overdueAt, nextDueAt } = this.moments.get(queue) ?? NO_MOMENTS;
        next = earlierOf(next, earlierOf(overdueAt, nextDueAt));
      }
    }
    const claimed = this.claimed.sort((a, b) => (a.row.dueAt ?? 0) - (b.row.dueAt ?? 0));
    return { claimed, nextDueAt: next, claimedAt: this.now };
  }

  private add(one: ClaimedRow): void {
    const { task } = one.row;
    this.claimed.push(one);
    this.ofTask.set(task, (this.ofTask.get(task) ?? 0) + 1);
    if (this.tasks.get(task)?.isTransactional === true) this.transactions++;
  }

  private see(queue: string, isBusy: boolean, moments: QueueMoments): void {
    if (isBusy) this.busy.add(queue);
    else this.busy.delete(queue);
    this.moments.set(queue, moments);
  }

  private get transactionsLeft(): number {
    return (this.request.transactionLimit ?? Number.POSITIVE_INFINITY) - this.transactions;
  }

  /** How many more rows of a task may be claimed. */
  private leftOf(task: ClaimableTask): number {
    const left = task.limit - (this.ofTask.get(task.task) ?? 0);
    return task.isTransactional === true ? Math.min(left, this.transactionsLeft) : left;
  }
}

const earlierOf = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);
