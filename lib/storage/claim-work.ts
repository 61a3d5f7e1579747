import type { ClaimableTask, ClaimedRow } from '../core/task-repository.js';
import type { RowKey, TaskRow } from '../core/task-row.js';
import { claim, claimableAt, isClaimable, settle } from '../core/task-transitions.js';
import { claimToken } from './token.js';

/** Takes leases on rows that were due a moment ago, as far as they still are and nobody else is taking them. */
export class ClaimWork {
  private readonly tasks: ReadonlyMap<string, ClaimableTask>;
  private readonly taken: (ClaimedRow | null)[];
  private readonly token = claimToken();
  /** The rows as the claim left them; null where others were changing one. Set by the store that took them. */
  after: readonly (TaskRow | null)[] = [];

  constructor(
    readonly keys: readonly RowKey[],
    tasks: readonly ClaimableTask[],
    private readonly owner: string,
    private readonly now: number,
  ) {
    this.tasks = new Map(tasks.map((task) => [task.task, task]));
    this.taken = keys.map(() => null);
  }

  get claimed(): readonly ClaimedRow[] {
    return this.taken.filter((one) => one !== null);
  }

  /** When to look again: at the ends of the leases, and at once where others were faster, for they may have left something. */
  nextDueAt(known: number | null): number | null {
    const moments = this.after.map((row, index) => {
      if (row !== null) return claimableAt(row) ?? Number.POSITIVE_INFINITY;
      return this.taken[index] === null ? this.now : Number.POSITIVE_INFINITY;
    });
    const next = Math.min(known ?? Number.POSITIVE_INFINITY, ...moments);
    return Number.isFinite(next) ? next : null;
  }

  /** What becomes of one row. May be asked anew: only what the last try took counts. */
  claim(before: TaskRow | null, index: number): TaskRow | null {
    this.taken[index] = null;
    const task = before && this.tasks.get(before.task);
    if (before === null || !task || !isClaimable(before, this.now)) return before;
    const leaseToken = `${this.token}.${index}`;
    const row = claim(before, this.now, task.leaseMs, leaseToken, this.owner);
    const settlement = task.settleAtClaim?.(row, this.now);
    if (settlement === undefined) {
      this.taken[index] = { row, isSettled: false };
      return row;
    }
    this.taken[index] = { row, isSettled: true, settledAt: this.now };
    const { instance, attempt } = row;
    return settle(row, { task: row.task, instance, leaseToken, attempt }, settlement, this.now).row;
  }
}
