import {
  type ExecutionEntry,
  type ExecutionHistory,
  type ExecutionsRequest,
  newestFirst,
} from '../core/execution-history.js';

/** Most executions that are remembered, whatever the retention: memory is not to grow with them. */
export const MOST_EXECUTIONS = 10_000;

/** The executions that ended last; gone with the process, as the schedule is. */
export class MemoryHistory implements ExecutionHistory {
  /** In the order in which they were written down; the oldest are dropped by the half, so that none has to move for each new one. */
  private entries: ExecutionEntry[] = [];
  private readonly keys = new Set<string>();

  constructor(private readonly most = MOST_EXECUTIONS) {}

  add(entry: ExecutionEntry): void {
    const key = keyOf(entry);
    if (this.keys.has(key)) return;
    this.keys.add(key);
    if (this.entries.push(entry) >= 2 * this.most) this.keep(this.entries.slice(-this.most));
  }

  async record(entries: readonly ExecutionEntry[]): Promise<void> {
    for (const entry of entries) this.add(entry);
  }

  async list({ task, instance, limit, before }: ExecutionsRequest): Promise<readonly ExecutionEntry[]> {
    const found: ExecutionEntry[] = [];
    for (const entry of this.entries.slice(-this.most)) {
      if (entry.task !== task || (instance !== null && entry.instance !== instance)) continue;
      if (before === null || newestFirst(entry, before) > 0) found.push(entry);
    }
    return found.sort(newestFirst).slice(0, limit);
  }

  async prune(endedBefore: number, limit: number): Promise<number> {
    let pruned = 0;
    const isOver = ({ finishedAt }: ExecutionEntry): boolean => finishedAt < endedBefore && pruned++ < limit;
    const kept = this.entries.filter((entry) => !isOver(entry));
    const before = this.entries.length;
    if (kept.length < before) this.keep(kept);
    return before - kept.length;
  }

  private keep(entries: ExecutionEntry[]): void {
    this.entries = entries;
    this.keys.clear();
    for (const entry of entries) this.keys.add(keyOf(entry));
  }
}

/** Most executions have one attempt, and need no text of their own. */
const keyOf = ({ executionId, attempt }: ExecutionEntry): string =>
  attempt === 1 ? executionId : `${executionId}/${attempt}`;
