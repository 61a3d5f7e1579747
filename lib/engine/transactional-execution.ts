import type { ClaimedTask } from './claimed-task.js';
import { type TransactionEnd, runInTransaction } from './execution-in-transaction.js';
import { HandlerRun } from './handler-run.js';
import type { HeldClaim } from './held-claim.js';
import { leaseLost } from './lease-keeper.js';
import type { Outcome } from './outcome.js';

/** Executes what was claimed in a transaction. Effects and settlement are one: what is not settled has not happened. */
export async function executeInTransaction(
  claim: HeldClaim,
  claimed: ClaimedTask,
  missed: number,
  isAbandoned: () => boolean,
): Promise<void> {
  const end = await runInTransaction(claim.engine.watch.repository, {
    lease: claim.lease,
    isAtMostOnce: claim.task.isAtMostOnce,
    run: (transaction) => (claim.handler = new HandlerRun(claim, claimed, transaction)).run(missed),
    settlementOf: (outcome) => claim.settlementOf(claimed, outcome),
    now: () => claim.now(),
  });
  claim.handler?.stopHeartbeats();
  if (isAbandoned()) return;
  const outcome =
    end.kind === 'unknown'
      ? await afterSilence(claim, claimed, end.error)
      : await afterEnd(claim, claimed, end);
  if (outcome === null) return;
  // Not within the transaction: a history that cannot be written must not undo it.
  claim.engine.history.record(claim.handler?.remembered(outcome));
  claim.handler?.announce(outcome);
}

async function afterEnd(
  claim: HeldClaim,
  claimed: ClaimedTask,
  end: Exclude<TransactionEnd, { kind: 'unknown' }>,
): Promise<Outcome | null> {
  if (end.kind === 'not started') return null;
  if (end.kind === 'committed') {
    if (end.settlement !== null) {
      claim.engine.settler.announce(claim.lease, end.settlement, end.answer);
      claim.conclude(claimed, end.settlement, 'settled');
    }
  } else if (end.answer !== null) {
    claim.conclude(claimed, { kind: 'back' }, end.answer);
    return { kind: 'failed', error: leaseLost(claim.label, end.answer === 'gone' ? 'gone' : 'lost') };
  } else if (!claim.task.isAtMostOnce) {
    await settle(claim, claimed, end.outcome);
  }
  return end.outcome;
}

/** What was undone is settled apart from its transaction. */
async function settle(claim: HeldClaim, claimed: ClaimedTask, outcome: Outcome): Promise<void> {
  const settlement = claim.settlementOf(claimed, outcome);
  const execution = claim.handler?.remembered(outcome);
  const result = await claim.engine.settler.settle(claim.lease, settlement, execution);
  claim.conclude(claimed, settlement, result);
}

/** The store failed in the transaction. If it had committed, the lease is over and settling again changes nothing. */
async function afterSilence(claim: HeldClaim, claimed: ClaimedTask, error: unknown): Promise<Outcome | null> {
  if (claim.handler === null) {
    await claim.release();
    return null;
  }
  const failed: Outcome = { kind: 'failed', error };
  if (claim.task.isAtMostOnce) return failed;
  const settlement = claim.settlementOf(claimed, failed);
  const result = await claim.engine.settler.settle(claim.lease, settlement);
  if (result === 'lost' || result === 'gone') return { kind: 'succeeded' };
  claim.conclude(claimed, settlement, result);
  return failed;
}
