import type { DateTime } from 'luxon';
import type { DurationLike } from './duration.js';
import type { ExecutionMode, FailureMode, MissedPolicy } from './task.js';

/** A moment: a `Date`, a Luxon `DateTime`, or an ISO 8601 string (without an offset: in the given `timezone`, else UTC). */
export type MomentLike = Date | DateTime | string;

/** Types that another room brings along by declaration merging: `lib/nest` says here what a task's context is. */
// oxlint-disable-next-line typescript/no-empty-object-type -- another room adds to it
export interface HandlerTypes {}

/** What `retry.when` is given: the `TaskContext` of the execution that failed. */
export type RetryContext = HandlerTypes extends { context: infer Context } ? Context : unknown;

/**
 * What a failure means: `'retry'` as the policy says, after `{ delay }` instead, not any more because it cannot succeed and the next
 * occurrence is to follow (`'commit'`), or not before a person has looked (`'park'`).
 */
export type RetryDecision = 'retry' | 'commit' | 'park' | { readonly delay: DurationLike };

/** What a failed execution does instead of a `failureMode`. */
export interface RetryOptions {
  /** Most attempts at one occurrence, the first included. A process that dies between claim and start has spent one. */
  maxAttempts: number;
  /** From the failure to the next attempt. */
  delay: DurationLike;
  /** `'fixed'` (default), or `'exponential'`: twice as long each time. */
  backoff?: 'fixed' | 'exponential';
  /** The longest delay that the back-off may reach. */
  maxDelay?: DurationLike;
  /** A fraction of the delay, added at most, so that failures do not come back all at once. Default 0. */
  jitter?: number;
  /** After the last attempt: go on (`'commit'`) or wait for `resumeTask` (`'park'`). Default: a recurring instance goes on, a once-off one is parked. */
  exhausted?: 'commit' | 'park';
  /**
   * Asked at each failure what it means; a timeout is one, a shutdown is not. What it wants to be retried ends with the last attempt
   * all the same. Synchronous: the lease is running. When it throws, or answers something else, the failure is retried, and that is
   * warned about once. Default: every failure is retried.
   */
  when?: (error: unknown, context: RetryContext) => RetryDecision;
}

/** Options that every kind of task has. */
export interface CommonTaskOptions {
  /** Unique in the application. Default: the method's name. Required where one method carries several decorators. */
  name?: string;
  /** A cron expression of five or six fields, or a nickname such as `@daily`. */
  schedule?: string;
  /** Every so often. */
  interval?: DurationLike;
  /** The zone of `schedule`: an IANA name or `UTC+12`. Default: the module's. */
  timezone?: string;
  /** false: never polled by this process. Default true. */
  enabled?: boolean;
  /** How long a claim is exclusive. Default 60 seconds. */
  leaseDuration?: DurationLike;
  /** Default `AT_LEAST_ONCE`. */
  executionMode?: ExecutionMode;
  /** Default `NONE`. Only with `AT_LEAST_ONCE`, and not together with `retry`. */
  failureMode?: FailureMode;
  /** What becomes of occurrences that passed while nothing ran. Default: the module's. */
  missed?: MissedPolicy;
  /** Only with `missed: 'skip'`: an occurrence at most this late still runs. Default: poll interval and lease together. */
  maxLateness?: DurationLike;
  /** In place of `failureMode`. */
  retry?: RetryOptions;
  /** Aborts the execution's signal and counts as a failure. Default: none. */
  timeout?: DurationLike;
  /** Most executions of this task in flight in this process. Default: none of its own. */
  concurrencyLimit?: number;
  /** Up to this much later, the same for an instance every time. Default: none. */
  jitter?: DurationLike;
  /** JSON-serialisable; an instance's own are merged over them. Default `{}`. */
  args?: object;
  /** The execution and its settlement are one transaction. Default false. Refused on repositories without transactions. */
  transactional?: boolean;
  /**
   * A Standard Schema (zod, valibot, arktype, …) or a class with the decorators of class-validator. Args are checked when scheduled and
   * before each execution; what was given is stored, `context.args` is the schema's output. Default: none.
   */
  argsSchema?: object;
}

/** Options of `@Task()`: exactly one of `schedule` and `interval`. */
export type TaskOptions = CommonTaskOptions;

/** Options of `@DynamicTask()`: `schedule` and `interval` are defaults for its instances. */
export type DynamicTaskOptions = CommonTaskOptions;

/** Options of `@PartitionedTask()`. */
export interface PartitionedTaskOptions extends CommonTaskOptions {
  /** Into how many partitions the instances are divided: 1 to 1,000,000. */
  partitionCount: number;
  /** Which partition an instance belongs to. Default: a hash of its name that stays the same between releases. */
  partitionSelector?: (partitionCount: number, instanceName: string) => number;
  /** Which partitions this process polls. Default: all. */
  enabledPartitions?: readonly number[];
}

/** Options of `@WithHeartbeat()`. */
export interface HeartbeatOptions {
  /** The lease is renewed when this fraction of it remains, between 0 and 1. Default 0.5. */
  leaseRemainingRatio?: number;
  /** Whether `context.signal` is aborted when the lease is lost. Default true. */
  abortOnLeaseLost?: boolean;
}

/** When an instance runs; exactly one of `schedule`, `interval`, `executeAt` and `executeIn`, or none where its template has a default. */
export interface InstanceOptions<Args extends object = Record<string, unknown>> {
  /** A cron expression of five or six fields, or a nickname such as `@daily`. */
  schedule?: string;
  /** Every so often. */
  interval?: DurationLike;
  /** Once, at a moment; in the past: at once. */
  executeAt?: MomentLike;
  /** Once, so long from now by the repository's clock. */
  executeIn?: DurationLike;
  /** The zone of `schedule`, or of an `executeAt` that is a string without an offset. */
  timezone?: string;
  /** JSON-serialisable; merged over the template's. */
  args?: Args;
  /** Resets everything about the instance, its lease too. Default false. */
  force?: boolean;
}
