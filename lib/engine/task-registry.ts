import { queuesOf } from '../core/partitioning.js';
import { ExecutionMode, type TaskDefinition } from '../core/task.js';
import type { ClaimableTask } from '../core/task-repository.js';
import { settleAtClaim } from './claimed-task.js';
import type { RunnableTask } from './execution.js';

/** A task that this process knows, and what goes on with it here. */
export class RegisteredTask {
  readonly definition: TaskDefinition;
  readonly run: RunnableTask['run'];
  isEnabled: boolean;
  /** Executions of it in flight in this process. */
  inFlight = 0;
  private readonly queues: readonly string[];

  constructor(task: RunnableTask) {
    this.definition = task.definition;
    this.run = (execution) => task.run(execution);
    this.isEnabled = task.definition.enabled;
    this.queues = queuesOf(task.definition);
  }

  get isAtMostOnce(): boolean {
    return this.definition.executionMode === ExecutionMode.AT_MOST_ONCE;
  }

  /** How many more of it may start. */
  get free(): number {
    return Math.max(0, (this.definition.concurrencyLimit ?? Number.POSITIVE_INFINITY) - this.inFlight);
  }

  /** What a poll asks for. */
  claimable(limit: number): ClaimableTask {
    const { definition } = this;
    return {
      task: definition.name,
      isStatic: definition.kind === 'static',
      queues: this.queues,
      leaseMs: definition.leaseMs,
      limit: Math.min(limit, this.free),
      settleAtClaim: this.isAtMostOnce ? (row, now) => settleAtClaim(definition, row, now) : undefined,
    };
  }
}

/** The tasks of this process by name. */
export class TaskRegistry {
  private readonly byName = new Map<string, RegisteredTask>();

  add(task: RunnableTask): RegisteredTask {
    const registered = new RegisteredTask(task);
    this.byName.set(task.definition.name, registered);
    return registered;
  }

  find(name: string): RegisteredTask | undefined {
    return this.byName.get(name);
  }

  get all(): readonly RegisteredTask[] {
    return [...this.byName.values()];
  }

  /** What a poll asks for: the tasks that are enabled and may start another execution. */
  claimable(limit: number): ClaimableTask[] {
    const tasks: ClaimableTask[] = [];
    for (const task of this.byName.values())
      if (task.isEnabled && task.free > 0) tasks.push(task.claimable(limit));
    return tasks;
  }
}
