import { Logger } from '@nestjs/common';
import { canonicalName } from '../core/task.js';
import { errorText, stackOf } from '../core/text-of.js';
import type { PyncetteEvent } from '../engine/scheduler-events.js';
import type { Scheduler } from '../engine/scheduler.js';

/** The only place that turns events into log lines. */
export class PyncetteLogger {
  private readonly logger = new Logger('Pyncette');
  private isDown = false;
  private hasTicked = false;

  constructor(private readonly scheduler: Scheduler) {
    scheduler.events.subscribe((event) => this.log(event), hears);
    scheduler.events.read(({ level, message }) => this.logger[level](message));
  }

  /** Once, at the start; names and numbers only. `others` are those that the scheduler itself does not know. */
  logOptions(others: object): void {
    const { clock: _clock, isClockGiven: _given, ...options } = this.scheduler.settings;
    this.logger.log(
      `${this.scheduler.tasks.length} tasks, repository ${this.scheduler.repository.features.name}, ${JSON.stringify({ ...options, ...others })}`,
    );
  }

  private log(event: PyncetteEvent): void {
    switch (event.type) {
      case 'tick:finished':
        return this.hint();
      case 'task:started':
      case 'task:succeeded':
        return Logger.debug(`${event.type.slice(5)} ${nameOf(event)}`, contextOf(event));
      case 'task:failed':
        return Logger.error(
          `${nameOf(event)} failed (attempt ${event.attempt})`,
          stackOf(event.error),
          contextOf(event),
        );
      case 'task:missed':
        return Logger.warn(
          `${nameOf(event)}: ${event.count} missed occurrences were dropped`,
          contextOf(event),
        );
      case 'task:parked':
        return Logger.error(
          `${nameOf(event)} is parked until resumeTask(): ${kindOf(event.error)}`,
          undefined,
          contextOf(event),
        );
      case 'lease:lost':
        return Logger.warn(
          `${nameOf(event)} lost its lease: what this execution does to its row changes nothing`,
          contextOf(event),
        );
      case 'repository:failed':
        if (!this.isDown)
          this.logger.error(
            `The repository failed (${event.operation}); it is asked again until it answers`,
            stackOf(event.error),
          );
        this.isDown = true;
        return;
      case 'repository:recovered':
        this.isDown = false;
        return this.logger.log(`The repository answers again after ${event.downMs} ms`);
      default:
    }
  }

  /** SIGTERM would end the process without waiting for what is executing. */
  private hint(): void {
    if (!this.hasTicked && process.listenerCount('SIGTERM') === 0)
      this.logger.warn(
        'Nobody listens for SIGTERM, so a deploy would not wait for running tasks: call app.enableShutdownHooks()',
      );
    this.hasTicked = true;
  }
}

/** Lines about every start and every success are for those who debug. */
const hears = (type: PyncetteEvent['type']): boolean =>
  (type !== 'task:started' && type !== 'task:succeeded') || Logger.isLevelEnabled('debug');

/** Lines about a task name it as their context, so that they can be filtered by it: a logger with a context of its own would add its own. */
const contextOf = (event: { task: string }): string => `Pyncette ${event.task}`;

const nameOf = (event: { task: string; instanceName: string | null }): string =>
  canonicalName(event.task, event.instanceName);

/** What kind of error it is; the message of one that is about a row may have args of the application in it. */
const kindOf = (error: unknown): string => errorText(error).name;
