import type { JsonObject } from '../core/json.js';
import type { ExecutionTransaction } from '../core/task-repository.js';
import type { TaskDefinition } from '../core/task.js';
import type { RetryDecision } from '../core/task-options.js';

/** One execution as a handler sees it; the application's `TaskContext` is made from it. */
export interface Execution {
  readonly task: TaskDefinition;
  /** null for a static task. */
  readonly instanceName: string | null;
  readonly canonicalName: string;
  /** The zone its moments are shown in. */
  readonly timezone: string;
  /** The occurrence that runs, or the moment of the trigger, in epoch milliseconds. */
  readonly scheduledAt: number;
  /** The task's args with the instance's own (or the trigger's) merged over them. */
  readonly args: JsonObject;
  /** From 1. */
  readonly attempt: number;
  /** How many other occurrences had passed with this one when it began. */
  readonly missed: number;
  /** It was asked for by `triggerTask`, apart from the schedule. */
  readonly isTriggered: boolean;
  /** The same for every attempt at one occurrence. */
  readonly executionId: string;
  /** Aborted when the lease is lost, the timeout has passed, or a shutdown waits no longer. */
  readonly signal: AbortSignal;
  /** The transaction of a transactional task. */
  readonly transaction: Pick<ExecutionTransaction, 'manager' | 'savepoint'> | null;
  /** Extends the lease by its duration from now. @throws LeaseLostException */
  heartbeat(): Promise<void>;
}

/** A task and what runs it. */
export interface RunnableTask {
  readonly definition: TaskDefinition;
  /** Any rejection is a failure. */
  run(execution: Execution): Promise<unknown>;
  /** What a failure of an execution means; undefined: what the task's policy says. */
  decide?(error: unknown, execution: Execution): RetryDecision | undefined;
}
