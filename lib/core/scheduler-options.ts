import type { Clock } from './clock.js';
import type { DurationLike } from './duration.js';
import type { HistoryOptions, HistorySettings } from './history-options.js';
import type { MissedPolicy } from './task.js';
import type { TaskRepository } from './task-repository.js';

/** The options of the module that the scheduler itself understands. */
export interface SchedulerOptions {
  /** Where rows and leases live. Default: in memory. */
  repository?: TaskRepository;
  /** The longest time between two polls. Default one second. */
  pollInterval?: DurationLike;
  /** Most instances claimed by one poll query. Default 100. */
  batchSize?: number;
  /** Most executions in flight in this process. Default 100. */
  concurrencyLimit?: number;
  /** For cron schedules without their own. Default `'UTC'`. */
  timezone?: string;
  /** Where a six-field cron expression has its seconds. Default `'first'`. */
  cronSeconds?: 'first' | 'last';
  /** Default for tasks. Default `'once'`. */
  missed?: MissedPolicy;
  /** Renew every lease in the background while its handler runs. Default false. */
  heartbeat?: boolean;
  /** How long a graceful shutdown waits for running executions before it aborts them. Default: as long as they take. */
  shutdownTimeout?: DurationLike;
  /** Remember executions that have ended, for `listExecutions()`. Default: none are. */
  history?: HistoryOptions;
  /** Whether polling starts with the application. Default true. */
  autoStart?: boolean;
  /** Default `SystemClock`. */
  clock?: Clock;
}

/** The same, resolved. */
export interface SchedulerSettings {
  readonly pollIntervalMs: number;
  readonly batchSize: number;
  readonly concurrencyLimit: number;
  readonly timezone: string;
  readonly cronSeconds: 'first' | 'last';
  readonly missed: MissedPolicy;
  readonly heartbeat: boolean;
  readonly shutdownTimeoutMs: number | null;
  /** null: no history is kept. */
  readonly history: HistorySettings | null;
  readonly autoStart: boolean;
  readonly clock: Clock;
  readonly isClockGiven: boolean;
}
