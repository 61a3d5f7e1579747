import type { SettleRequest, Settlement } from '../../core/task-repository.js';
import type { Work } from './statement.js';

/** An execution that is over, and whose row goes on. */
export interface Advance extends SettleRequest {
  readonly settlement: Settlement & { readonly kind: 'done'; readonly next: number };
}

export const isAdvance = (request: SettleRequest): request is Advance =>
  request.settlement.kind === 'done' && request.settlement.next !== null;

/**
 * Settlements that read nothing: what `settle` in task-transitions makes of `done` for a row that nobody has touched since it was claimed.
 * Each answers, for each request, whether it was such a row, or that none of them is known to be; all others are left as they are.
 * test/storage/quick-settlements.spec.ts holds them against that function.
 */
export interface QuickSettlements {
  /**
   * Whether they need a transaction around them, and can be together in one with others, the history's among them. Those that need none
   * write themselves what the history remembers of the executions they settle.
   */
  readonly needsTransaction: boolean;
  /** On to the next occurrence. `mayWait`: for rows that somebody else has locked, in whatever order; else such rows are left as they are. */
  advance(requests: readonly Advance[], mayWait: boolean): Work<readonly boolean[]>;
  /** The last occurrence is over: the row goes. */
  finish(requests: readonly SettleRequest[], mayWait: boolean): Work<readonly boolean[]>;
}

/** Whether nothing has happened to the row `t` since it was claimed, beside what the lease itself shows. */
export const IS_UNTOUCHED = 't.hold IS NULL AND t.queued_run IS NULL AND t.current_run IS NULL';

/** What `done` writes, as `row-settlement` says for an untouched row. `next` and `jitter` are numbers. */
export const advanceAssignments = (next: string, jitter: string, error: string): string =>
  [
    `scheduled_at = ${next}`,
    `due_at = ${next} + ${jitter}`,
    `jitter_ms = ${jitter}`,
    `last_error = ${error}`,
    'locked_until = NULL, lease_token = NULL, locked_by = NULL, attempt = 0, execution_id = NULL',
  ].join(', ');
