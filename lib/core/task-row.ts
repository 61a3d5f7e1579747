/** What is stored for an instance that is scheduled: its key in the repository. A static task's one instance is named `''`. */
export interface RowKey {
  readonly task: string;
  readonly instance: string;
}

/** The name under which a static task's only row is kept; no instance of a template can have it. */
export const STATIC_INSTANCE = '';

/** Why a row is not claimed: held by a person (`paused`) or by its failures (`parked`). */
export type Hold = 'paused' | 'parked';

/** One run that was asked for with `triggerTask`, apart from the schedule. */
export interface Trigger {
  /** The moment of the call. */
  readonly at: number;
  /** The args of this run as JSON, or null for the instance's own. */
  readonly args: string | null;
  /** The span of the call, as the row's `origin`; left out where it was not traced. */
  readonly origin?: string;
}

/** What went wrong last, for people to read. */
export interface RowError {
  readonly name: string;
  readonly message: string;
  readonly at: number;
}

/** The persisted form of an instance. Everything processes agree on is in it; all moments are epoch milliseconds of the repository's clock. */
export interface TaskRow extends RowKey {
  /** What a poll looks through: the task's name, or one partition of it. */
  readonly queue: string;
  /** The schedule in its canonical text (see task-spec); equal texts are equal schedules. */
  readonly schedule: string;
  /** The instance's own args as JSON. */
  readonly args: string;
  /** How much later than `scheduledAt` the instance becomes due, every time (`jitter`). */
  readonly jitterMs: number;
  /** The occurrence that is next, in flight or retried; null: none is left (a finished once-off with a trigger to serve). */
  readonly scheduledAt: number | null;
  /** When a poll should look at the row; null while it is held. */
  readonly dueAt: number | null;
  /** Until when nobody else may claim it. */
  readonly lockedUntil: number | null;
  /** Fresh for every acquisition; null: nobody is executing it. */
  readonly leaseToken: string | null;
  /** Which process holds the lease. For people only. */
  readonly lockedBy: string | null;
  /** Leases spent on what was begun; 0: nothing was begun. */
  readonly attempt: number;
  /** The token of the first lease spent on what was begun; the same for all its attempts. */
  readonly executionId: string | null;
  readonly hold: Hold | null;
  /** A triggered run that is asked for. */
  readonly queued: Trigger | null;
  /** Set when what was begun is a triggered run. */
  readonly current: Trigger | null;
  readonly lastError: RowError | null;
  /** The span that scheduled it last, as a W3C `traceparent`; null: that call was not traced. Decides nothing. */
  readonly origin: string | null;
}
