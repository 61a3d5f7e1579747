import type { JsonObject } from './json.js';
import type { Schedule } from './schedule/schedule.js';
import type { RetryOptions } from './task-options.js';

/** How often one occurrence may be started. */
export enum ExecutionMode {
  /** Until it has succeeded: a crash or a failure runs it again. */
  AT_LEAST_ONCE = 'AT_LEAST_ONCE',
  /** Never twice: the next execution is scheduled before the handler starts. */
  AT_MOST_ONCE = 'AT_MOST_ONCE',
}

/** What a failed execution does to its instance. */
export enum FailureMode {
  /** It stays locked until its lease is over, then runs again. */
  NONE = 'NONE',
  /** It is unlocked and runs again with the next poll. */
  UNLOCK = 'UNLOCK',
  /** As if it had succeeded. */
  COMMIT = 'COMMIT',
}

/** What becomes of occurrences that passed while nothing ran: run one, run all, or only the latest if it is not too late. */
export type MissedPolicy = 'once' | 'all' | 'skip';

/** A `@Task()`, a `@DynamicTask()` or a `@PartitionedTask()`. */
export type TaskKind = 'static' | 'dynamic' | 'partitioned';

/** The resolved `retry` option. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly delayMs: number;
  readonly backoff: 'fixed' | 'exponential';
  readonly maxDelayMs: number | null;
  /** A fraction of the delay that is added at most. */
  readonly jitter: number;
  /** null: a recurring instance goes on with its next occurrence, a once-off one is parked. */
  readonly exhausted: 'commit' | 'park' | null;
  /** Not given: every failure is retried. */
  readonly when?: RetryOptions['when'];
}

/** The resolved `@WithHeartbeat()`. */
export interface HeartbeatPolicy {
  /** The lease is renewed when this fraction of it remains. */
  readonly leaseRemainingRatio: number;
  /** Whether the execution's signal is aborted when the lease turns out to be lost. */
  readonly abortOnLeaseLost: boolean;
}

/** The resolved options of a `@PartitionedTask()`. */
export interface Partitions {
  readonly count: number;
  /** Which of them this process polls. */
  readonly enabled: readonly number[];
  /** The partition of an instance, from 0 to `count` - 1. */
  readonly select: (instanceName: string) => number;
}

/** One decorated method, its options resolved, checked and frozen. */
export interface TaskDefinition {
  readonly name: string;
  readonly kind: TaskKind;
  /** Of a static task: its schedule. Of a template: the default for its instances, if there is one. */
  readonly schedule: Schedule | null;
  /** For cron schedules without their own, and for the moments people see. */
  readonly timezone: string;
  readonly cronSeconds: 'first' | 'last';
  readonly enabled: boolean;
  readonly leaseMs: number;
  readonly executionMode: ExecutionMode;
  readonly failureMode: FailureMode;
  readonly missed: MissedPolicy;
  readonly maxLatenessMs: number;
  readonly retry: RetryPolicy | null;
  readonly timeoutMs: number | null;
  readonly concurrencyLimit: number | null;
  /** The execution and its settlement are one transaction. */
  readonly transactional: boolean;
  /** A Standard Schema, or a class; null: any args. */
  readonly argsSchema: object | null;
  readonly jitterMs: number;
  readonly args: JsonObject;
  readonly heartbeat: HeartbeatPolicy | null;
  readonly partitions: Partitions | null;
  /** Class and method, for messages: `ReportTasks.daily`. */
  readonly declaredAt: string;
}

/** One name for a task or an instance of it: `daily`, `hello:bill_task`; a colon within a name is doubled. */
export function canonicalName(task: string, instance: string | null): string {
  const escape = (name: string): string => name.replaceAll(':', '::');
  return instance === null ? escape(task) : `${escape(task)}:${escape(instance)}`;
}
