import {
  Body,
  type ExecutionContext,
  type PipeTransform,
  type Type,
  createParamDecorator,
} from '@nestjs/common';
import type { TaskContext } from '../task-context.js';

/** A pipe, or the class of one. */
type Pipe = PipeTransform | Type<PipeTransform>;

const contextOf = (context: ExecutionContext): TaskContext => context.getArgByIndex<TaskContext>(0);

/**
 * The args of an execution, or one of them: `@TaskArgs() args: HelloDto`, `@TaskArgs('username') name: string`. Pipes of the
 * method, the class and the parameter run on it; a `ValidationPipe` validates it as it does a body.
 */
export function TaskArgs(property?: string | Pipe, ...pipes: Pipe[]): ParameterDecorator {
  // Recorded as a body, because pipes such as `ValidationPipe` leave parameters of custom decorators alone.
  return typeof property === 'string'
    ? Body(property, ...pipes)
    : Body(...(property === undefined ? pipes : [property, ...pipes]));
}

/** The execution's `TaskContext`. */
export const TaskCtx: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => contextOf(context),
);

/** What a fixture set up: `@FixtureValue('db') db: Database`. */
export const FixtureValue: (name: string) => ParameterDecorator = createParamDecorator(
  (name: string, context: ExecutionContext) => contextOf(context).fixtures[name],
);
