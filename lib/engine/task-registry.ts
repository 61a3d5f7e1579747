import { queuesOf } from '../core/partitioning.js';
import { ExecutionMode, type TaskDefinition } from '../core/task.js';
import type { ClaimableTask, TaskRepository } from '../core/task-repository.js';
import { settleAtClaim } from './claimed-task.js';
import type { RunnableTask } from './execution.js';

/** A task that this process knows, and what goes on with it here. */
export class RegisteredTask {
  readonly definition: TaskDefinition;
  readonly run: RunnableTask['run'];
  readonly decide: RunnableTask['decide'];
  isEnabled: boolean;
  /** Executions of it in flight in this process. */
  inFlight = 0;
  private readonly queues: readonly string[];

  constructor(
    task: RunnableTask,
    /** How many more executions may be in a transaction: of one task unless it says otherwise, and in all. */
    private readonly transactionsFree: () => { readonly perTask: number; readonly total: number },
  ) {
    this.definition = task.definition;
    this.run = (execution) => task.run(execution);
    this.decide = task.decide?.bind(task);
    this.isEnabled = task.definition.enabled;
    this.queues = queuesOf(task.definition);
  }

  get isAtMostOnce(): boolean {
    return this.definition.executionMode === ExecutionMode.AT_MOST_ONCE;
  }

  /** How many more of it may start. */
  get free(): number {
    const { concurrencyLimit, transactional } = this.definition;
    if (!transactional) return Math.max(0, (concurrencyLimit ?? Number.POSITIVE_INFINITY) - this.inFlight);
    const { perTask, total } = this.transactionsFree();
    return Math.max(0, Math.min((concurrencyLimit ?? perTask) - this.inFlight, total));
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
      isTransactional: definition.transactional,
      settleAtClaim: this.isAtMostOnce ? (row, now) => settleAtClaim(definition, row, now) : undefined,
    };
  }
}

/** The tasks of this process by name. */
export class TaskRegistry {
  private readonly byName = new Map<string, RegisteredTask>();

  constructor(private readonly repository: TaskRepository) {}

  add(task: RunnableTask): RegisteredTask {
    const registered = new RegisteredTask(task, () => this.transactionsFree());
    this.byName.set(task.definition.name, registered);
    return registered;
  }

  find(name: string): RegisteredTask | undefined {
    return this.byName.get(name);
  }

  get all(): readonly RegisteredTask[] {
    return [...this.byName.values()];
  }

  /** Most transactional executions that a poll may add. */
  get transactionLimit(): number | undefined {
    const hasAny = this.all.some(({ definition }) => definition.transactional);
    const { total } = hasAny ? this.transactionsFree() : { total: Number.POSITIVE_INFINITY };
    return Number.isFinite(total) ? total : undefined;
  }

  /** How many more executions of all tasks together may be in a transaction. */
  private transactionsFree(): { readonly perTask: number; readonly total: number } {
    const { perTask, total } = this.repository.transactionConcurrency ?? { perTask: 1, total: null };
    if (total === null) return { perTask, total: Number.POSITIVE_INFINITY };
    const inFlight = this.all
      .filter(({ definition }) => definition.transactional)
      .reduce((sum, one) => sum + one.inFlight, 0);
    return { perTask, total: Math.max(0, total - inFlight) };
  }

  /** What a poll asks for: the tasks that are enabled and may start another execution. */
  claimable(limit: number): ClaimableTask[] {
    const tasks: ClaimableTask[] = [];
    for (const task of this.byName.values())
      if (task.isEnabled && task.free > 0) tasks.push(task.claimable(limit));
    return tasks;
  }
}
