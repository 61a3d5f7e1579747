import { Injectable, UsePipes, ValidationPipe } from '@nestjs/common';
import { IsString } from 'class-validator';
import { DynamicTask, PyncetteService, TaskArgs, TaskContext, TaskCtx } from 'nestjs-pyncette';

export class HelloDto {
  @IsString()
  username!: string;
}

@Injectable()
export class HelloTasks {
  readonly greeted: string[] = [];

  constructor(private readonly pyncette: PyncetteService) {}

  @DynamicTask({ argsSchema: HelloDto })
  @UsePipes(new ValidationPipe({ transform: true }))
  async hello(@TaskArgs() args: HelloDto, @TaskCtx() context: TaskContext<HelloDto>): Promise<void> {
    if (args instanceof HelloDto) this.greeted.push(`${args.username} ${context.task.canonicalName}`);
  }

  async greet(username: string): Promise<void> {
    await this.pyncette.scheduleTask([HelloTasks, 'hello'], username, {
      executeIn: '100ms',
      args: { username },
    });
  }
}
