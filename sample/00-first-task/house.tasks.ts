import { Injectable, Logger } from '@nestjs/common';
import { ExecutionMode, FailureMode, Task, TaskContext, WithHeartbeat } from 'nestjs-pyncette';
import { setTimeout as sleep } from 'node:timers/promises';

/** Tasks whose schedule stands in the code. */
@Injectable()
export class HouseTasks {
  private readonly logger = new Logger(HouseTasks.name);

  @Task({ schedule: '*/5 * * * * *' })
  async everyFiveSeconds(context: TaskContext): Promise<void> {
    this.logger.log(`cron with seconds: it is ${context.scheduledAt.toFormat('HH:mm:ss')} UTC`);
  }

  @Task({ interval: { seconds: 2 } })
  async everyTwoSeconds(context: TaskContext): Promise<void> {
    this.logger.log(`interval: due at ${context.scheduledAt.toFormat('HH:mm:ss.SSS')}`);
  }

  @Task({ interval: '4s', executionMode: ExecutionMode.AT_MOST_ONCE })
  async bestEffort(): Promise<void> {
    this.logger.log('at most once: the next execution was scheduled before this one began');
  }

  @Task({ interval: '10s', failureMode: FailureMode.COMMIT })
  async fails(): Promise<void> {
    throw new Error('this task fails on purpose; it goes on with its next occurrence');
  }

  @Task({ interval: '15s', leaseDuration: '2s' })
  @WithHeartbeat()
  async takesLong(context: TaskContext): Promise<void> {
    this.logger.log('heartbeats: working for five seconds with a lease of two');
    await sleep(5_000, undefined, { signal: context.signal });
    this.logger.log('heartbeats: done, the lease was extended meanwhile');
  }
}
