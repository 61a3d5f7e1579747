import { toMilliseconds } from '../core/duration.js';
import { isRecord, show } from '../core/read-option.js';
import type { FailureDecision } from '../core/settlement.js';
import type { TaskDefinition } from '../core/task.js';
import type { RetryDecision } from '../core/task-options.js';
import type { Execution } from './execution.js';
import type { SchedulerEvents } from './scheduler-events.js';

const RETRY: FailureDecision = { kind: 'retry' };

/** Asks a task's `retry.when` what a failure means. What it throws or answers wrongly counts as a retry, and is said once for each task. */
export class FailureDecisions {
  private readonly warned = new WeakSet<TaskDefinition>();

  constructor(private readonly events: SchedulerEvents) {}

  /** `ask`: what the task's run makes of it; undefined where it leaves that to the task's policy. */
  decide(
    task: TaskDefinition,
    ask: ((error: unknown, execution: Execution) => RetryDecision | undefined) | undefined,
    error: unknown,
    execution: Execution,
  ): FailureDecision {
    try {
      return this.read(task, ask?.(error, execution));
    } catch (failure) {
      return this.warn(task, `failed: ${failure instanceof Error ? failure.name : show(failure)}`);
    }
  }

  private read(task: TaskDefinition, decision: unknown): FailureDecision {
    if (decision === undefined && task.retry?.when === undefined) return RETRY;
    if (decision === 'retry' || decision === 'commit' || decision === 'park') return { kind: decision };
    if (isRecord(decision) && decision['delay'] !== undefined) {
      const delayMs = toMilliseconds(decision['delay'] as never);
      return { kind: 'delay', delayMs };
    }
    const what = decision instanceof Promise ? 'a promise' : show(decision);
    return this.warn(task, `answered ${what}, but has to answer 'retry', 'commit', 'park' or { delay }`);
  }

  private warn(task: TaskDefinition, what: string): FailureDecision {
    if (!this.warned.has(task))
      this.events.notice(
        'warn',
        `The retry.when of task '${task.name}' (${task.declaredAt}) ${what}. Such a failure is retried as the task's retry says`,
      );
    this.warned.add(task);
    return RETRY;
  }
}
