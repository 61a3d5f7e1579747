import type { DateTime } from 'luxon';

/** One execution that has ended, as the history remembers it. */
export interface ExecutionRecord {
  readonly task: string;
  /** null for a static task. */
  readonly instanceName: string | null;
  /** The same for every attempt at one occurrence. */
  readonly executionId: string;
  /** Which attempt it was, from 1. */
  readonly attempt: number;
  /** The occurrence that ran, or the moment of the trigger, in the task's zone, as all moments here. */
  readonly scheduledAt: DateTime;
  readonly startedAt: DateTime;
  readonly finishedAt: DateTime;
  readonly outcome: 'succeeded' | 'failed';
  /** null when it succeeded. The message has at most 2,000 characters. */
  readonly error: { readonly name: string; readonly message: string } | null;
  /** Where it ran: host, process and a random part, as `lockedBy` has it. */
  readonly process: string;
}

/** One page of `listExecutions`. */
export interface ExecutionPage {
  /** Newest first. */
  readonly executions: readonly ExecutionRecord[];
  /** Give it to `listExecutions` for the next page; null: this is the last one. */
  readonly continuationToken: string | null;
}

/** Which page `listExecutions` lists. */
export interface ListExecutionsOptions {
  /** Most executions of a page. Default 100. */
  limit?: number;
  continuationToken?: string | null;
}
