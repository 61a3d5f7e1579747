import type { InstanceOptions } from '../core/task-options.js';
import type { TransactionManager } from './interfaces/store-types.js';

/** A task's method. */
export type TaskMethod = (...parameters: never[]) => unknown;

/** A task by its name, its method (`ReportTasks.prototype.hello`), or `[ReportTasks, 'hello']`. */
export type TaskReference =
  string | TaskMethod | readonly [abstract new (...parameters: never[]) => object, string];

/** A class and the name of one of its methods. */
export type MethodPair<T extends object, Key extends keyof T> = readonly [
  abstract new (...parameters: never[]) => T,
  Key & string,
];

/** What `TaskContext<Args>` looks like among a method's parameters. */
type ContextWith<Args> = { heartbeat(): Promise<void>; readonly args: Args };

type FindArgs<Parameters> = Parameters extends readonly [infer First, ...infer Rest]
  ? First extends ContextWith<infer Args>
    ? Args
    : FindArgs<Rest>
  : object;

type IsAny<T> = 0 extends 1 & T ? true : false;

/** Args of which nothing is stated (`any`, or a bare `TaskContext`'s) are any object: that of an interface, too. */
type Stated<Args> =
  IsAny<Args> extends true
    ? object
    : Record<string, unknown> extends Args
      ? object
      : Args extends object
        ? Args
        : object;

/** The args of a task's method: those of its `TaskContext<Args>` parameter, wherever it stands; with none, any object. */
export type ArgsOf<Method> = Method extends (...parameters: infer Parameters) => unknown
  ? Stated<FindArgs<Required<Parameters>>>
  : object;

/** Options whose `args` are checked; they may be left out only where `{}` will do. */
export type TypedInstanceOptions<Args extends object> = Omit<InstanceOptions, 'args'> &
  (Record<never, never> extends Args ? { args?: Args } : { args: Args }) & {
    /** A transaction of the application; refused on repositories without transactions. */
    manager?: TransactionManager;
  };

/** An instance of `scheduleTasks`. */
export type TypedInstance<Args extends object> = Omit<TypedInstanceOptions<Args>, 'manager'> & {
  instanceName: string;
};

/** Where a call may join a transaction of the application. */
export interface TransactionOptions {
  /** Refused on repositories without transactions. */
  manager?: TransactionManager;
}

/** How many instances are stored, of how many. */
export interface ScheduleProgress {
  readonly done: number;
  readonly total: number;
}

/** Options of `scheduleTasks()`. */
export interface ScheduleTasksOptions extends TransactionOptions {
  /** Called after each statement, of at most a thousand instances: for a progress bar. */
  onProgress?: (progress: ScheduleProgress) => void;
}

/** Where a resumed schedule goes on. */
export interface ResumeOptions {
  /** `'schedule'` (default): where it was. `'now'`: as if it began now. */
  from?: 'schedule' | 'now';
}

/** How a triggered run differs from a scheduled one. */
export interface TriggerOptions {
  /** Merged over the instance's own, for this run. */
  args?: object;
}
