import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DynamicTask, PyncetteService, Task, TaskContext } from 'nestjs-pyncette';

@Injectable()
export class WorkTasks implements OnModuleInit {
  constructor(private readonly pyncette: PyncetteService) {}

  /** Each second, on one of the nodes. */
  @Task({ schedule: '* * * * * *', leaseDuration: '2s' })
  async everySecond(context: TaskContext): Promise<void> {
    await this.work(context);
  }

  /** Six feeds, each fetched every two seconds, on whichever node is free. */
  @DynamicTask({ leaseDuration: '2s' })
  async fetchFeed(context: TaskContext): Promise<void> {
    await this.work(context);
  }

  /** Every node schedules the feeds when it starts: an unchanged schedule is left alone. */
  async onModuleInit(): Promise<void> {
    const feeds = Array.from({ length: 6 }, (_, index) => ({
      instanceName: `feed ${index + 1}`,
      interval: '2s',
    }));
    await this.pyncette.scheduleTasks('fetchFeed', feeds);
  }

  private async work({ task, scheduledAt, attempt, executionId }: TaskContext): Promise<void> {
    await sleep(500);
    const due = scheduledAt.toFormat('mm:ss.SSS');
    console.log(`ran ${task.canonicalName} of ${due}, attempt ${attempt} (${executionId})`);
  }
}
