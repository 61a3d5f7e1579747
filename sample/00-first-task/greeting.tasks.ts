import { Injectable, Logger } from '@nestjs/common';
import { DynamicTask, TaskContext } from 'nestjs-pyncette';

/** A template: scheduled any number of times while the application runs. */
@Injectable()
export class GreetingTasks {
  private readonly logger = new Logger(GreetingTasks.name);

  @DynamicTask()
  async greet(context: TaskContext<{ name: string }>): Promise<void> {
    this.logger.log(`dynamic: hello ${context.args.name} (instance ${context.task.instanceName})`);
  }
}
