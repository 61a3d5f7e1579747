import type { JsonObject } from '../core/json.js';
import type { TaskDefinition } from '../core/task.js';
import type { ExecutionTransaction } from '../core/task-repository.js';
import { instanceNameOf } from '../core/task-spec.js';
import type { Abortion } from './abortion.js';
import type { ClaimedTask } from './claimed-task.js';
import type { Execution } from './execution.js';
import { zoneOf } from './stored-instance.js';

/** What an execution is given by whoever runs it. */
export interface ExecutionHost {
  readonly label: string;
  readonly abortion: Abortion;
  readonly transaction: ExecutionTransaction | null;
  /** The occurrence that runs, or the moment of the trigger. */
  readonly scheduledAt: number;
  heartbeat(): Promise<void>;
}

/** One execution as its handler sees it; what nobody asks for is not made. */
export class RunningExecution implements Execution {
  constructor(
    private readonly host: ExecutionHost,
    private readonly claimed: ClaimedTask,
    readonly missed: number,
  ) {}

  get task(): TaskDefinition {
    return this.claimed.task;
  }

  get instanceName(): string | null {
    return instanceNameOf(this.claimed.row);
  }

  get canonicalName(): string {
    return this.host.label;
  }

  get timezone(): string {
    return zoneOf(this.claimed.task, this.claimed.schedule);
  }

  get scheduledAt(): number {
    return this.host.scheduledAt;
  }

  get args(): JsonObject {
    return this.claimed.args;
  }

  get attempt(): number {
    return this.claimed.attempt;
  }

  get executionId(): string {
    return this.claimed.executionId;
  }

  get origin(): string | null {
    const { current, origin } = this.claimed.row;
    return current === null ? origin : (current.origin ?? null);
  }

  get isTriggered(): boolean {
    return this.claimed.row.current !== null;
  }

  get signal(): AbortSignal {
    return this.host.abortion.signal;
  }

  get transaction(): ExecutionTransaction | null {
    return this.host.transaction;
  }

  heartbeat(): Promise<void> {
    return this.host.heartbeat();
  }
}
