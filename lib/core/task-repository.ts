import type { Clock } from './clock.js';
import type { ExecutionEntry, ExecutionHistory } from './execution-history.js';
import type { RowFilter, UpcomingRequest } from './row-requests.js';
import type { RowError, RowKey, TaskRow } from './task-row.js';
import type { RowState } from './row-state.js';

/** What a repository can do beyond the minimum. */
export interface RepositoryFeatures {
  /** Name for messages: `'memory'`, `'PostgreSQL'`. */
  readonly name: string;
  /** Whether calls can join a transaction of the application (`manager`) and executions can be transactional. */
  readonly transactions: boolean;
}

/** Given to a repository by each application that opens it. */
export interface RepositorySession {
  readonly clock: Clock;
  /** Whether `clock` was chosen by the application and so decides for the repository too. */
  readonly isClockGiven: boolean;
  /** What the application provides under a token of its framework; undefined where there is none. */
  resolve?(token: unknown): unknown;
  /** The store calls it when another process has made something due at that moment. */
  onDueElsewhere?(dueAt: number): void;
  /** Whether the application keeps a history: `TaskRepository.history` will be used. */
  readonly keepsHistory?: boolean;
  /** Says something that people should read. */
  warn?(message: string): void;
}

/** How many executions of this process may be in a transaction at once. */
export interface TransactionConcurrency {
  /** Of one task, unless its `concurrencyLimit` says otherwise. */
  readonly perTask: number;
  /** In all; null: as many as the tasks' limits allow. */
  readonly total: number | null;
}

/** A transaction around an execution: effects and settlement stand or fall together. */
export interface ExecutionTransaction {
  /** What the store calls its transaction; the handler's `context.manager`. */
  readonly manager: unknown;
  /** Nobody else can write while it is open, so that no lease has to be renewed meanwhile, and none can be. */
  readonly holdsStore: boolean;
  /** Whether the lease is still held, as this transaction sees it. */
  holds(proof: LeaseProof): Promise<boolean>;
  /** Work that is undone alone when it rejects. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
  settle(request: SettleRequest): Promise<SettleAnswer>;
}

/** One instance to be created or updated. */
export interface Registration extends RowKey {
  readonly queue: string;
  readonly schedule: string;
  readonly args: string;
  readonly jitterMs: number;
  readonly force: boolean;
  /** The span of the call, as a W3C `traceparent`. Default null: the call is not traced. */
  readonly origin?: string | null;
  /** The first occurrence of the schedule when it is given at `now`. */
  place(now: number): number;
}

/** One task that a process asks work for. */
export interface ClaimableTask {
  readonly task: string;
  /** Static tasks have the one row named `''`; templates have all others. */
  readonly isStatic: boolean;
  readonly queues: readonly string[];
  readonly leaseMs: number;
  /** Most rows to claim of this task. */
  readonly limit: number;
  /** Counts against the request's `transactionLimit`. */
  readonly isTransactional?: boolean;
  /**
   * At most once only: what to settle before the start. A repository that can do so settles in the claim's own transaction
   * and says so with `isSettled`; for the others the engine settles in a second step, under the lease.
   */
  readonly settleAtClaim?: (row: TaskRow, now: number) => Settlement;
}

export interface ClaimRequest {
  readonly tasks: readonly ClaimableTask[];
  /** Most rows to claim in all. May be 0: the next due moment is still answered. */
  readonly limit: number;
  /** Most rows of transactional tasks to claim in all. Default: as many as their limits allow. */
  readonly transactionLimit?: number;
  /** Written to `locked_by`. */
  readonly owner: string;
}

/** A row as the claim left it: its token, attempt and `lockedUntil` are the claim. */
export interface ClaimedRow {
  readonly row: TaskRow;
  /** True when `settleAtClaim` has been applied already. */
  readonly isSettled: boolean;
  /** The store's time by which it was settled, where that is not the claim's. */
  readonly settledAt?: number;
}

export interface ClaimResult {
  /** Oldest due first within a task, fair between tasks. */
  readonly claimed: readonly ClaimedRow[];
  /** When the next row of the tasks asked for can be claimed; may have passed when a limit was reached; null: none known. */
  readonly nextDueAt: number | null;
  /** The repository's time when the claim began. A lease is trusted from here. */
  readonly claimedAt: number;
}

/** What is done to a row when an execution has ended. */
export type Settlement =
  /** It is over: on to `next`, or the row goes when there is none. */
  | {
      readonly kind: 'done';
      readonly next: number | null;
      readonly jitterMs: number;
      readonly error: RowError | null;
    }
  /** Free at once, claimable again from `dueAt`. */
  | { readonly kind: 'retry'; readonly dueAt: number; readonly error: RowError | null }
  /** Locked as long as its lease would have lasted, but by nobody. */
  | { readonly kind: 'keep'; readonly error: RowError | null }
  /** Not claimed again until someone resumes it. */
  | { readonly kind: 'park'; readonly error: RowError | null }
  /** Claimed but never started: as if it had not been claimed. */
  | { readonly kind: 'back' };

/** What a lease holder shows to prove itself. */
export interface LeaseProof extends RowKey {
  readonly leaseToken: string;
  readonly attempt: number;
}

export interface SettleRequest extends LeaseProof {
  readonly settlement: Settlement;
  /** The execution that ended, for the history: written whatever the answer is, and once however often it is asked. */
  readonly execution?: ExecutionEntry | undefined;
}

/**
 * - `settled`: done as asked;
 * - `owed`: the same, and a run that was asked for meanwhile is due;
 * - `superseded`: the lease is free again, but the schedule was changed meanwhile and decides what comes next;
 * - `gone`: the row was unscheduled;
 * - `lost`: somebody else holds the row, or nobody: nothing was changed.
 */
export type SettleAnswer = 'settled' | 'owed' | 'superseded' | 'gone' | 'lost';

/** Whether a settlement was done as asked. */
export const isSettled = (answer: string): boolean => answer === 'settled' || answer === 'owed';

export interface RenewRequest extends LeaseProof {
  /** Moment of sending plus the lease's duration. */
  readonly until: number;
}

/** What became of a renewal: the lease's new end, or why there is none. */
export type RenewAnswer =
  { readonly kind: 'renewed'; readonly until: number } | { readonly kind: 'gone' | 'lost' };

export interface ReseatRequest extends LeaseProof {
  /** The occurrence that runs instead. */
  readonly scheduledAt: number;
}

export interface ResumeRequest extends RowKey {
  readonly from: 'schedule' | 'now';
  /** From now: the first occurrence when the schedule starts at `now`; null for once-offs, whose moment stays. */
  place(row: TaskRow, now: number): number | null;
  /** Whether rows that nothing holds start from now too (their template was paused as a whole). Default false. */
  readonly evenIfFree?: boolean;
}

export interface TriggerRequest extends RowKey {
  readonly args: string | null;
  /** As in a registration. */
  readonly origin?: string | null;
}

export interface ListRequest extends RowFilter {
  readonly limit: number;
  /** Only names after this one, in the order of their UTF-8 bytes (or code units: any total order that stays). */
  readonly after: string | null;
}

export interface ListedRow {
  readonly row: TaskRow;
  readonly state: RowState;
}

/**
 * Where rows and leases live. Every method is atomic for each row it touches, takes and answers lists in the same order,
 * decides nothing (the rules are `task-transitions`), and rejects with a `RepositoryException` when the store fails.
 *
 * A `transaction` is whatever the store calls its transaction (a TypeORM `EntityManager`); stores without refuse it.
 */
export interface TaskRepository {
  readonly features: RepositoryFeatures;
  /** What is wrong with the options it was made with; ends the application's start together with all other problems. */
  readonly problems?: readonly string[];

  /** Makes the repository ready for one more application. Called again after a failure. */
  open(session: RepositorySession): Promise<void>;
  /** The application that opened it needs it no more. `session`: what it was opened with, which is told nothing from now on. */
  close(session?: RepositorySession): Promise<void>;
  /** The one clock by which all moments in rows are compared, in epoch milliseconds. */
  now(): number;

  /** The same with fractions of a millisecond, where they are known: so that a rest ends just when something becomes due. */
  exactNow?(): number;

  /** Creates or updates rows; answers each row as it is then. */
  register(registrations: readonly Registration[], transaction?: unknown): Promise<readonly TaskRow[]>;
  /** How many calls of `register` at once are faster than one after another. When open. Default 1. */
  readonly registersAtOnce?: number;
  /** Deletes rows; answers whether each existed. */
  unregister(keys: readonly RowKey[], transaction?: unknown): Promise<readonly boolean[]>;

  claimDue(request: ClaimRequest): Promise<ClaimResult>;
  settle(requests: readonly SettleRequest[]): Promise<readonly SettleAnswer[]>;
  renew(requests: readonly RenewRequest[]): Promise<readonly RenewAnswer[]>;
  /** Writes down which occurrence is run instead of the one claimed; answers whether the lease was still held. */
  reseat(requests: readonly ReseatRequest[]): Promise<readonly boolean[]>;

  /** Each answers the row as it is then, or null where there is none. */
  pause(keys: readonly RowKey[]): Promise<readonly (TaskRow | null)[]>;
  resume(requests: readonly ResumeRequest[]): Promise<readonly (TaskRow | null)[]>;
  trigger(requests: readonly TriggerRequest[]): Promise<readonly (TaskRow | null)[]>;

  /** Holds or frees all rows of a template, those registered later too. */
  setTemplatePaused(task: string, isPaused: boolean): Promise<void>;
  /** Whether a template is paused as a whole. */
  isTemplatePaused(task: string): Promise<boolean>;

  find(keys: readonly RowKey[]): Promise<readonly (ListedRow | null)[]>;
  list(request: ListRequest): Promise<readonly ListedRow[]>;

  /** How many rows `list` would answer in all. Without it they are counted by listing them. */
  count?(filter: RowFilter): Promise<number>;
  /**
   * The rows that become due next, overdue ones first: by `dueAt`, those left out that are held, executing or of a paused template.
   */
  upcoming?(request: UpcomingRequest): Promise<readonly ListedRow[]>;
  /** Without it an application that asks for a history is refused at its start. */
  readonly history?: ExecutionHistory;

  /** Moves the rows of a template that are in none of its present queues to the one each belongs to; answers how many were moved. */
  requeue(task: string, placement: QueuePlacement): Promise<number>;

  /** Calls back once a transaction given to `register` or `unregister` has been committed, never if it is rolled back. */
  afterCommit?(transaction: unknown, callback: () => void): void;
  /** Runs an execution inside a transaction, which is rolled back when it rejects. Only with `features.transactions`. */
  transact?<T>(work: (transaction: ExecutionTransaction) => Promise<T>): Promise<T>;
  /** How many executions may be in a transaction at once. Only with `features.transactions`, and when open. */
  readonly transactionConcurrency?: TransactionConcurrency;
  /** The tasks that have rows here, some of them if there are very many. */
  tasks?(): Promise<readonly string[]>;
  /**
   * Called when this process has scheduled something due at that moment, nearer than a poll interval. Returns at once: the store
   * gathers such calls and tells other processes, whose sessions are told by `onDueElsewhere`.
   */
  announceDue?(dueAt: number): void;
}

/** Where the instances of a template wait. */
export interface QueuePlacement {
  /** All queues of the template, those included that this process does not poll. */
  readonly queues: readonly string[];
  queueOf(instance: string): string;
}
