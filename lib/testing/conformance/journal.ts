import type { SchedulerSettings } from '../../core/scheduler-options.js';
import type { TaskDefinition } from '../../core/task.js';
import type { Execution } from '../../engine/execution.js';
import type { Scheduler } from '../../engine/scheduler.js';
import { type Store, ZERO, template } from './store.js';

/** One start, in seconds from when the clock began. */
export interface Start {
  readonly by: string;
  readonly instance: string;
  readonly at: number;
  readonly scheduledAt: number;
  readonly execution: Execution;
}

/** What a handler of a case does. */
export type Handler = (execution: Execution, by: string) => unknown;

/** Applications on one store, and what each of them started. */
export class Journal {
  readonly starts: Start[] = [];

  constructor(readonly store: Store) {}

  /** One more application with one task, by default a template named `task`; it polls. */
  async join(
    by: string,
    task: Partial<TaskDefinition> = {},
    handler: Handler = () => undefined,
    settings: Partial<SchedulerSettings> = {},
  ): Promise<Scheduler> {
    const scheduler = await this.store.scheduler([this.runnable(by, task, handler)], settings);
    await scheduler.start();
    await this.store.clock.advance(0);
    return scheduler;
  }

  runnable(by: string, task: Partial<TaskDefinition>, handler: Handler = () => undefined) {
    return {
      definition: template(task.name ?? 'task', task),
      run: async (execution: Execution): Promise<unknown> => {
        const instance = execution.instanceName ?? '';
        const scheduledAt = (execution.scheduledAt - ZERO) / 1_000;
        this.starts.push({ by, instance, at: this.seconds, scheduledAt, execution });
        return handler(execution, by);
      },
    };
  }

  get seconds(): number {
    return (this.store.clock.now() - ZERO) / 1_000;
  }

  /** When what was started. */
  get moments(): number[] {
    return this.starts.map(({ at }) => at);
  }

  get occurrences(): number[] {
    return this.starts.map(({ scheduledAt }) => scheduledAt);
  }

  /** What was started from a moment on. */
  since(seconds: number): Start[] {
    return this.starts.filter(({ at }) => at >= seconds);
  }
}

/** Schedules one instance of the template named `task`. */
export function plan(scheduler: Scheduler, instanceName: string, options: unknown): Promise<void> {
  return scheduler.schedule(template('task'), [{ instanceName, options }]);
}
