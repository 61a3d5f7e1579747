import { Inject, Injectable } from '@nestjs/common';
import type { ExecutionObserver, RepositoryOperation } from '../engine/execution-observer.js';
import { PyncetteRuntime } from './pyncette.runtime.js';

/** An instance and since when (or from when) a poll may claim it. */
export interface DueInstance {
  readonly task: string;
  /** null for a static task. */
  readonly instanceName: string | null;
  /** By how many milliseconds it is overdue; negative: it becomes due in so many. */
  readonly overdueMs: number;
}

/**
 * For what measures and traces the scheduler, beside `events$`; the entries `/prometheus`, `/opentelemetry` and `/terminus` are made
 * with it. Injectable everywhere. Costs nothing while nobody uses it.
 */
@Injectable()
export class PyncetteInstrumentation {
  constructor(@Inject(PyncetteRuntime) private readonly runtime: PyncetteRuntime) {}

  /** Tells of each call of the store when it has ended, until the returned function is called. */
  onOperation(listener: (operation: RepositoryOperation) => void): () => void {
    return this.runtime.scheduler.events.onOperation(listener);
  }

  /** Stands around executions and scheduling calls until the returned function is called. @throws Error when another does already */
  observe(observer: ExecutionObserver): () => void {
    return this.runtime.scheduler.observation.observe(observer);
  }

  /** How many executions of each task are in flight in this process, tasks without any included. */
  get inFlightByTask(): ReadonlyMap<string, number> {
    return this.runtime.scheduler.inFlightByTask;
  }

  /**
   * Of the tasks that this process polls, the instance that has been due longest, else the one that becomes due next; null: there is
   * none. What is executing, paused or parked is left out. Asks the store.
   *
   * @throws RepositoryException
   */
  async nextDue(): Promise<DueInstance | null> {
    const { scheduler } = this.runtime;
    const polled = scheduler.tasks.filter(({ name }) => scheduler.isEnabled(name));
    const [next] = await scheduler.bulk.upcoming(polled, 1);
    if (next === undefined || next.claimableAt === null) return null;
    const { task, instanceName, claimableAt } = next;
    return { task: task.name, instanceName, overdueMs: scheduler.nowMs - claimableAt };
  }
}
