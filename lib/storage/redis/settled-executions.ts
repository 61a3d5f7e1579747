import type { ExecutionEntry } from '../../core/execution-history.js';
import type { SettleRequest } from '../../core/task-repository.js';

/** What the history is to remember of a batch of settlements: each goes with the first write of its row. */
export class SettledExecutions {
  private readonly waiting: (ExecutionEntry | undefined)[];

  constructor(requests: readonly SettleRequest[]) {
    this.waiting = requests.map(({ execution }) => execution);
  }

  /** Those of some requests that no write has taken yet. */
  take(indexes: readonly number[]): readonly ExecutionEntry[] {
    return indexes.flatMap((index) => {
      const entry = this.waiting[index];
      this.waiting[index] = undefined;
      return entry ?? [];
    });
  }

  /** Those of rows that were not written. */
  get left(): readonly ExecutionEntry[] {
    return this.waiting.filter((entry) => entry !== undefined);
  }
}
