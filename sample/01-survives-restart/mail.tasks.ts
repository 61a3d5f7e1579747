import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DynamicTask, PyncetteService, TaskContext } from 'nestjs-pyncette';

const COUNT = 10;

@Injectable()
export class MailTasks implements OnModuleInit {
  constructor(private readonly pyncette: PyncetteService) {}

  /** Ten mails, one every half second. The short lease is for the show: what a killed process had begun is begun again soon. */
  @DynamicTask({ leaseDuration: '2s' })
  async send(context: TaskContext): Promise<void> {
    const again = context.attempt > 1 ? ` (attempt ${context.attempt}: the first died with its process)` : '';
    console.log(`sending ${context.task.instanceName}${again}`);
    await sleep(300);
    console.log(`sent ${context.task.instanceName}`);
  }

  async onModuleInit(): Promise<void> {
    const { tasks } = await this.pyncette.listTasks('send');
    if (tasks.length > 0) {
      console.log(`goes on where it was: ${tasks.length} mails are still to be sent`);
      return;
    }
    const mails = Array.from({ length: COUNT }, (_, index) => ({
      instanceName: `mail ${index + 1}`,
      executeIn: (index + 1) * 500,
    }));
    await this.pyncette.scheduleTasks('send', mails);
    console.log(`scheduled ${COUNT} mails`);
  }
}
