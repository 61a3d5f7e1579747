import { apart, tracked } from '../core/clock.js';
import { allQueuesOf, queueOf } from '../core/partitioning.js';
import type { SchedulerSettings } from '../core/scheduler-options.js';
import type { TaskDefinition } from '../core/task.js';
import type { RepositoryWatch } from './repository-watch.js';
import type { SchedulerEvents } from './scheduler-events.js';

/** When it is first looked whether something has come to former queues, and how long after that at most again. */
const FIRST_MS = 60_000;
const LONGEST_MS = 3_600_000;

/**
 * Has the instances of templates wait where these are polled: the number of partitions may have been changed. At a registration, and again
 * after one minute, two more, four and so on, at last once an hour: processes of the release before may go on scheduling to the former
 * queues, which nobody polls when they have ended. Ever more rarely, for those processes would bring back what the new ones have moved.
 */
export class QueueKeeper {
  private moving: Promise<void> = Promise.resolve();
  private isMoving = false;
  private isStopping = false;
  private nextAt: number | null = null;
  private intervalMs = FIRST_MS;

  constructor(
    private readonly settings: SchedulerSettings,
    private readonly watch: RepositoryWatch,
    private readonly tasks: () => readonly TaskDefinition[],
    events: SchedulerEvents,
  ) {
    events.subscribe(
      ({ at }) => this.lookIfDue(at),
      (type) => type === 'tick:finished',
    );
  }

  /** Brings all instances of a template to its queues. @throws RepositoryException */
  async place(task: TaskDefinition): Promise<void> {
    await this.watch.call('requeue', (store) => store.requeue(task.name, placementOf(task)));
  }

  /** Resolves when nothing is being moved; what is left is found by another process, or after the next start. */
  async flush(): Promise<void> {
    this.isStopping = true;
    await this.moving;
    this.isStopping = false;
  }

  private lookIfDue(now: number): void {
    this.nextAt ??= now + this.intervalMs;
    if (this.isMoving || now < this.nextAt) return;
    this.intervalMs = Math.min(LONGEST_MS, 2 * this.intervalMs);
    this.nextAt = now + this.intervalMs;
    this.isMoving = true;
    const { clock } = this.settings;
    this.moving = apart(clock, () => tracked(clock, 'looking at former queues', () => this.look())).finally(
      () => (this.isMoving = false),
    );
  }

  /** What fails now is done the next time; the polls say that the store fails. */
  private async look(): Promise<void> {
    for (const task of this.tasks()) {
      if (this.isStopping) return;
      if (task.kind === 'static') continue;
      await this.watch
        .callWithin('requeue', (store) => store.requeue(task.name, placementOf(task)))
        .catch(() => undefined);
    }
  }
}

const placementOf = (task: TaskDefinition) => ({
  queues: allQueuesOf(task),
  queueOf: (name: string) => queueOf(task, name),
});
