import { Inject, Injectable } from '@nestjs/common';
import { InvalidScheduleException } from '../core/errors.js';
import { FailureMode, type TaskDefinition } from '../core/task.js';
import type { RetryDecision } from '../core/task-options.js';
import type { Execution, RunnableTask } from '../engine/execution.js';
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

  create(found: FoundMethod, definition: TaskDefinition, shared: SharedContext): RunnableTask {
    const invoke = this.enhancers.invocationOf(found);
    const { argsSchema, retry } = definition;
    const when = retry?.when;
    const contexts = new WeakMap<Execution, TaskContext>();
    const refused = new WeakSet<Execution>();
    const call = (execution: Execution, args: object): Promise<unknown> => {
      const context = new TaskContext(execution, args, shared);
      if (when !== undefined) contexts.set(execution, context);
      this.enhancers.remember(context, execution.transaction);
      const host = found.host(context);
      return host instanceof Promise ? host.then((made) => invoke(made, context)) : invoke(host, context);
    };
    const run = (execution: Execution): Promise<unknown> =>
      argsSchema === null
        ? call(execution, execution.args)
        : this.checked(definition, execution, refused).then((args) => call(execution, args));
    const decide = (error: unknown, execution: Execution): RetryDecision | undefined =>
      refused.has(execution)
        ? withoutArgs(definition, execution)
        : when?.(error, contexts.get(execution) ?? new TaskContext(execution, execution.args, shared));
    return { definition, run, decide };
  }

  /** Remembers those whose args the schema refuses, apart from what a handler may throw. */
  private async checked(
    definition: TaskDefinition,
    execution: Execution,
    refused: WeakSet<Execution>,
  ): Promise<object> {
    const what = `${execution.canonicalName} cannot be executed`;
    try {
      return await this.schemas.check(definition.argsSchema, execution.args, what);
    } catch (error) {
      if (error instanceof InvalidScheduleException) refused.add(execution);
      throw error;
    }
  }
}

/**
 * No further attempt would fare better: it waits for a person. A triggered run is given up, and so is an occurrence of a task that goes
 * on after every failure: the schedule goes on.
 */
const withoutArgs = ({ failureMode }: TaskDefinition, { isTriggered }: Execution): RetryDecision =>
  isTriggered || failureMode === FailureMode.COMMIT ? 'commit' : 'park';
