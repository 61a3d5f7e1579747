import { Inject, Injectable } from '@nestjs/common';
import type { TaskDefinition } from '../core/task.js';
import type { Execution } from '../engine/execution.js';
import { ArgsSchemas } from './args-schemas.js';
import { Enhancers } from './enhancers.js';
import type { FoundMethod } from './pyncette.explorer.js';
import { type SharedContext, TaskContext } from './task-context.js';

/** Makes of a found method what the engine runs: its args checked, its context, its host, and what is around it. */
@Injectable()
export class TaskHandlerFactory {
  constructor(
    @Inject(Enhancers) private readonly enhancers: Enhancers,
    @Inject(ArgsSchemas) private readonly schemas: ArgsSchemas,
  ) {}

  create(
    found: FoundMethod,
    definition: TaskDefinition,
    shared: SharedContext,
  ): (execution: Execution) => Promise<unknown> {
    const invoke = this.enhancers.invocationOf(found);
    const { argsSchema } = definition;
    return async (execution) => {
      const args = argsSchema === null ? execution.args : await this.checked(definition, execution);
      const context = new TaskContext(execution, args, shared);
      this.enhancers.remember(context, execution.transaction);
      const host = await found.host(context);
      return invoke(host, context);
    };
  }

  private checked(definition: TaskDefinition, { canonicalName, args }: Execution): Promise<object> {
    return this.schemas.check(definition.argsSchema, args, `${canonicalName} cannot be executed`);
  }
}
