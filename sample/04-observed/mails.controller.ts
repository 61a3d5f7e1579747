import { Body, Controller, Post } from '@nestjs/common';
import { DynamicTask, PyncetteService, Task, type TaskContext } from 'nestjs-pyncette';

@Controller('mails')
export class MailsController {
  constructor(private readonly pyncette: PyncetteService) {}

  /** The span of this call is what the row remembers: whenever it runs, its trace leads back here. */
  @Post()
  async schedule(
    @Body() { to, at = new Date().toISOString() }: { to: string; at?: string },
  ): Promise<object> {
    await this.pyncette.scheduleTask('send', to, { executeAt: at });
    return { scheduled: to, at };
  }

  @DynamicTask({ retry: { maxAttempts: 2, delay: '500ms', exhausted: 'park' } })
  async send(context: TaskContext): Promise<void> {
    if (context.task.instanceName === 'nobody') throw new Error('no such address');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  @Task({ schedule: '* * * * * *' })
  async everySecond(): Promise<void> {}
}
