import type { Lease } from '../core/lease.js';
import {
  type ExecutionTransaction,
  type SettleAnswer,
  type Settlement,
  type TaskRepository,
  isSettled,
} from '../core/task-repository.js';
import type { Outcome } from './outcome.js';

/** What became of an execution in a transaction. */
export type TransactionEnd =
  /** Effects and settlement are stored. */
  | {
      readonly kind: 'committed';
      readonly outcome: Outcome;
      readonly settlement: Settlement | null;
      readonly answer: SettleAnswer;
    }
  /** Nothing of it is stored; `answer` says why if its settlement was refused. */
  | { readonly kind: 'undone'; readonly outcome: Outcome; readonly answer: SettleAnswer | null }
  /** The lease was lost before the start. */
  | { readonly kind: 'not started' }
  /** The store failed; whether it had stored anything is not known. */
  | { readonly kind: 'unknown'; readonly error: unknown };

/** One execution that stands or falls with its transaction. */
export interface TransactionalExecution {
  readonly lease: Lease;
  readonly isAtMostOnce: boolean;
  run(transaction: ExecutionTransaction): Promise<Outcome>;
  settlementOf(outcome: Outcome): Settlement;
  now(): number;
}

/** Thrown within a transaction to roll it back. */
class Undone extends Error {}

/** Runs an execution and settles it in one transaction; a failure or a lost lease undoes both. */
export async function runInTransaction(
  repository: TaskRepository,
  execution: TransactionalExecution,
): Promise<TransactionEnd> {
  let end: TransactionEnd = { kind: 'not started' };
  try {
    await repository.transact?.(async (transaction) => {
      end = await within(transaction, execution);
      if (end.kind !== 'committed') throw new Undone();
    });
    return end;
  } catch (error) {
    return error instanceof Undone ? end : { kind: 'unknown', error };
  }
}

async function within(
  transaction: ExecutionTransaction,
  execution: TransactionalExecution,
): Promise<TransactionEnd> {
  const { lease, isAtMostOnce } = execution;
  if (!isAtMostOnce && !(await transaction.holds(lease.proof))) return { kind: 'not started' };
  const outcome = await execution.run(transaction);
  if (outcome.kind !== 'succeeded') return { kind: 'undone', outcome, answer: null };
  if (isAtMostOnce) return { kind: 'committed', outcome, settlement: null, answer: 'settled' };
  const settlement = execution.settlementOf(outcome);
  const answer = await transaction.settle({ ...lease.proof, settlement });
  // Gone while the lease still lives: it was unscheduled, perhaps by this very execution, and nobody else can have run it.
  const isOurs =
    isSettled(answer) || answer === 'superseded' || (answer === 'gone' && lease.isTrusted(execution.now()));
  return isOurs ? { kind: 'committed', outcome, settlement, answer } : { kind: 'undone', outcome, answer };
}
