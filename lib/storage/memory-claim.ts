import type {
  ClaimRequest,
  ClaimResult,
  ClaimableTask,
  ClaimedRow,
  Settlement,
} from '../core/task-repository.js';
import { claim, settle } from '../core/task-transitions.js';
import type { TaskRow } from '../core/task-row.js';
import type { MemoryRows, StoredRow } from './memory-rows.js';

/** One task's part in a claim. */
interface Share {
  readonly task: ClaimableTask;
  remaining: number;
}

/** One claim: takes due rows from the tasks in turn, so that a crowd of one never keeps another waiting. */
export class MemoryClaim {
  private readonly claimed: ClaimedRow[] = [];
  /** Settled with the claim, but only when all are taken: what one of them leaves due is for the next claim. */
  private readonly settlements: { readonly row: TaskRow; readonly settlement: Settlement }[] = [];

  constructor(
    private readonly rows: MemoryRows,
    private readonly request: ClaimRequest,
    private readonly now: number,
    private readonly createToken: () => string,
  ) {}

  /** `turn` says which task may begin. */
  take(turn: number): ClaimResult {
    const shares = this.request.tasks.map((task): Share => ({ task, remaining: task.limit }));
    const start = shares.length === 0 ? 0 : turn % shares.length;
    let inTurn = [...shares.slice(start), ...shares.slice(0, start)];
    while (inTurn.length > 0) inTurn = inTurn.filter((share) => this.takeOne(share));
    for (const { row, settlement } of this.settlements)
      this.rows.update(row, () => settle(row, proofOf(row), settlement, this.now).row);
    return { claimed: this.claimed, nextDueAt: this.nextDueAt(shares), claimedAt: this.now };
  }

  private takeOne(share: Share): boolean {
    if (share.remaining <= 0 || this.claimed.length >= this.request.limit) return false;
    const first = this.firstOf(share.task);
    if (first === undefined || first.wakeAt > this.now) return false;
    share.remaining--;
    this.claimed.push(this.claim(first.row, share.task));
    return true;
  }

  private claim(before: TaskRow, task: ClaimableTask): ClaimedRow {
    const row = claim(before, this.now, task.leaseMs, this.createToken(), this.request.owner);
    const settlement = task.settleAtClaim?.(row, this.now);
    this.rows.update(row, () => row);
    if (settlement !== undefined) this.settlements.push({ row, settlement });
    return { row, isSettled: settlement !== undefined };
  }

  private firstOf(task: ClaimableTask): StoredRow | undefined {
    let first: StoredRow | undefined;
    for (const queue of task.queues) {
      const candidate = this.rows.first(queue, task.isStatic);
      if (candidate !== undefined && (first === undefined || candidate.wakeAt < first.wakeAt))
        first = candidate;
    }
    return first;
  }

  private nextDueAt(shares: readonly Share[]): number | null {
    let next = Number.POSITIVE_INFINITY;
    for (const share of shares) {
      if (share.remaining > 0) next = Math.min(next, this.firstOf(share.task)?.wakeAt ?? next);
    }
    return Number.isFinite(next) ? next : null;
  }
}

const proofOf = (row: TaskRow) => ({
  task: row.task,
  instance: row.instance,
  leaseToken: row.leaseToken ?? '',
  attempt: row.attempt,
});
