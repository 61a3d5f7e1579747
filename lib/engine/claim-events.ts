import type { Settlement } from '../core/task-repository.js';
import type { TaskRow } from '../core/task-row.js';
import { instanceNameOf } from '../core/task-spec.js';
import type { ClaimedTask } from './claimed-task.js';
import type { EngineContext } from './engine-context.js';

/** Says what becomes of one claim, apart from its handler. */
export class ClaimEvents {
  constructor(
    private readonly engine: EngineContext,
    private readonly row: TaskRow,
  ) {}

  missed(claimed: ClaimedTask, count: number, before: number): void {
    const after = claimed.occurrenceAt ?? before;
    this.engine.events.emit({ type: 'task:missed', ...this.instance(), count, after, before });
  }

  /** What a settlement dropped between the occurrence that was run and the next. */
  dropped(claimed: ClaimedTask, settlement: Settlement): void {
    const { occurrenceAt: at } = claimed;
    if (settlement.kind !== 'done' || settlement.next === null || at === null || this.row.current !== null)
      return;
    const count = claimed.occurrences.count(at, settlement.next);
    if (count > 0) {
      const between = { count, after: at, before: settlement.next };
      this.engine.events.emit({ type: 'task:missed', ...this.instance(), ...between });
    }
  }

  parked(error: unknown): void {
    this.engine.events.emit({ type: 'task:parked', ...this.instance(), error });
  }

  leaseLost(claimed: ClaimedTask, claimedAt: number): void {
    const { executionId, attempt } = claimed;
    const scheduledAt = this.row.current?.at ?? claimed.occurrenceAt ?? claimedAt;
    const execution = { ...this.instance(), executionId, attempt, scheduledAt };
    this.engine.events.emit({ type: 'lease:lost', ...execution, during: 'settlement' });
  }

  private instance() {
    const { row, engine } = this;
    return { at: engine.watch.repository.now(), task: row.task, instanceName: instanceNameOf(row) };
  }
}
