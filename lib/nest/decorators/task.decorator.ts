import type { InjectionToken, OptionalFactoryDependency } from '@nestjs/common';
import type {
  DynamicTaskOptions,
  HeartbeatOptions,
  PartitionedTaskOptions,
  TaskOptions,
} from '../../core/task-options.js';
import type { TaskKind } from '../../core/task.js';
import { recordFixture, recordHeartbeat, recordTask } from './task-metadata.js';

/** Options that are made when the application starts, from what its providers know. `name` stands beside `inject`. */
export interface TaskOptionsFactory<Options> {
  name?: string;
  /** Tokens that are resolved as the task's own module would. */
  inject?: (InjectionToken | OptionalFactoryDependency)[];
  // The parameters are what `inject` names; their types are the application's own.
  useFactory: (...dependencies: never[]) => Omit<Options, 'name'> | Promise<Omit<Options, 'name'>>;
}

const record =
  (kind: TaskKind, options: unknown): MethodDecorator =>
  (prototype, key) =>
    recordTask(prototype, key, { kind, options: options ?? {} });

/** Executes the method on a schedule that stands in the code. Several on one method need a `name` each. */
export const Task = (options: TaskOptions | TaskOptionsFactory<TaskOptions>): MethodDecorator =>
  record('static', options);

/** Makes the method a template, to be scheduled any number of times with `PyncetteService.scheduleTask()`. */
export const DynamicTask = (
  options: DynamicTaskOptions | TaskOptionsFactory<DynamicTaskOptions> = {},
): MethodDecorator => record('dynamic', options);

/** A template whose instances are divided into partitions, so that processes can share them out. */
export const PartitionedTask = (
  options: PartitionedTaskOptions | TaskOptionsFactory<PartitionedTaskOptions>,
): MethodDecorator => record('partitioned', options);

/** Extends the lease in the background while the method runs. */
export const WithHeartbeat =
  (options: HeartbeatOptions = {}): MethodDecorator =>
  (prototype, key) =>
    recordHeartbeat(prototype, key, options);

/**
 * A value with the lifetime of the scheduler, under `context.fixtures[name]`: a class with `setUp` and `tearDown`, or an async
 * generator method that yields it.
 */
export const Fixture =
  (name: string): ClassDecorator & MethodDecorator =>
  (target: object, key?: string | symbol) =>
    recordFixture(target, key, name);
