import type { RowKey } from './task-row.js';

/** One execution that has ended, as the history keeps it; all moments are epoch milliseconds of the repository's clock. */
export interface ExecutionEntry extends RowKey {
  /** The same for every attempt at one occurrence; together with `attempt` it names the entry. */
  readonly executionId: string;
  readonly attempt: number;
  /** The occurrence that ran, or the moment of the trigger. */
  readonly scheduledAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly outcome: 'succeeded' | 'failed';
  /** Bounded as a row's last error is; null when it succeeded. */
  readonly error: { readonly name: string; readonly message: string } | null;
  /** Where it ran: host, process and a random part. */
  readonly process: string;
}

/** Where a page of the history ends: its oldest entry. */
export interface ExecutionPlace {
  readonly finishedAt: number;
  readonly executionId: string;
  readonly attempt: number;
}

export interface ExecutionsRequest {
  readonly task: string;
  /** null: all instances of the task. */
  readonly instance: string | null;
  readonly limit: number;
  /** Only entries older than this one; null: from the newest on. */
  readonly before: ExecutionPlace | null;
}

/**
 * The part of a repository that keeps a history of executions; asked for nothing unless the session said `keepsHistory`.
 *
 * What is written together with a settlement comes with its request (`SettleRequest.execution`) and goes into the same transaction
 * where there is one. An entry that cannot be written never keeps a settlement from being made.
 */
export interface ExecutionHistory {
  /** Writes down executions that no settlement follows. One that is there already (same execution, same attempt) is left alone. */
  record(entries: readonly ExecutionEntry[]): Promise<void>;
  /** Newest first: by `finishedAt`, `executionId` and `attempt`, all descending. */
  list(request: ExecutionsRequest): Promise<readonly ExecutionEntry[]>;
  /** Deletes some of what ended before a moment, about `limit` entries at most; answers how many. 0: nothing is left of it. */
  prune(endedBefore: number, limit: number): Promise<number>;
}

/** Newest first. */
export function newestFirst(one: ExecutionPlace, other: ExecutionPlace): number {
  if (one.finishedAt !== other.finishedAt) return other.finishedAt - one.finishedAt;
  if (one.executionId !== other.executionId) return one.executionId < other.executionId ? 1 : -1;
  return other.attempt - one.attempt;
}
