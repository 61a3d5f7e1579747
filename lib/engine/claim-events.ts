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

  /** Occurrences after one moment and before another will not run. */
  missed(count: number, after: number, before: number): void {
    this.engine.events.emit({ type: 'task:missed', ...this.instance(), count, after, before });
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
