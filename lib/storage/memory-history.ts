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
  /** By execution and attempt, in the order in which they were written down. */
  private readonly entries = new Map<string, ExecutionEntry>();

  constructor(private readonly most = MOST_EXECUTIONS) {}

  add(entry: ExecutionEntry): void {
    const key = `${entry.executionId}/${entry.attempt}`;
    if (this.entries.has(key)) return;
    this.entries.set(key, entry);
    if (this.entries.size > this.most) this.dropFirst();
  }

  async record(entries: readonly ExecutionEntry[]): Promise<void> {
    for (const entry of entries) this.add(entry);
  }

  async list({ task, instance, limit, before }: ExecutionsRequest): Promise<readonly ExecutionEntry[]> {
    const found: ExecutionEntry[] = [];
    for (const entry of this.entries.values()) {
      if (entry.task !== task || (instance !== null && entry.instance !== instance)) continue;
      if (before === null || newestFirst(entry, before) > 0) found.push(entry);
    }
    return found.sort(newestFirst).slice(0, limit);
  }

  async prune(endedBefore: number, limit: number): Promise<number> {
    let pruned = 0;
    for (const [key, entry] of this.entries) {
      if (pruned >= limit) break;
      if (entry.finishedAt >= endedBefore) continue;
      this.entries.delete(key);
      pruned++;
    }
    return pruned;
  }

  private dropFirst(): void {
    for (const key of this.entries.keys()) {
      this.entries.delete(key);
      return;
    }
  }
}
