import { Injectable } from '@nestjs/common';
import { Task, TaskContext } from 'nestjs-pyncette';

@Injectable()
export class ReportTasks {
  runs = 0;

  @Task({ interval: '200ms' })
  async often(context: TaskContext): Promise<void> {
    if (context.scheduledAt.isValid) this.runs++;
  }
}
