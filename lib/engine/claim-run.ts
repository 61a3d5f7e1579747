import { trackedUntilDone } from '../core/clock.js';
import { RepositoryException } from '../core/errors.js';
import { Lease } from '../core/lease.js';
import { isExhausted, settleDone, settleExhausted, settleFailed } from '../core/settlement.js';
import { canonicalName } from '../core/task.js';
import type { ClaimedRow, ExecutionTransaction, Settlement } from '../core/task-repository.js';
import type { TaskRow } from '../core/task-row.js';
import { instanceNameOf } from '../core/task-spec.js';
import { ClaimEvents } from './claim-events.js';
import { type ClaimedTask, type Seat, readClaim, seat } from './claimed-task.js';
import type { EngineContext } from './engine-context.js';
import { type TransactionEnd, runInTransaction } from './execution-in-transaction.js';
import { HandlerRun } from './handler-run.js';
import { leaseLost } from './lease-keeper.js';
import { type Outcome, rowError } from './outcome.js';
import type { SettleResult } from './settler.js';
import type { RegisteredTask } from './task-registry.js';

// One claim's life: read → seat → start → outcome → settlement → what it came to. Never throws.

/** Told what becomes of a run. */
export interface RunHost {
  /** Only its settlement is left to be stored. */
  onHandled(): void;
  /** That has been done. */
  onFinished(run: ClaimRun): void;
}

/** What a claim was and when it was taken. */
export class ClaimRun {
  readonly label: string;
  readonly lease: Lease;
  private readonly row: TaskRow;
  /** Its handler has ended, so that nothing but its settlement is left. Not told of executions in a transaction. */
  isHandled = false;
  private host: RunHost | null = null;
  private handlerRun: HandlerRun | null = null;
  /** A shutdown waits no longer: whatever the handler still does, its lease is left to expire. */
  private isAbandoned = false;

  constructor(
    private readonly engine: EngineContext,
    readonly task: RegisteredTask,
    private readonly claimed: ClaimedRow,
    private readonly claimedAt: number,
  ) {
    this.row = claimed.row;
    this.label = canonicalName(this.row.task, instanceNameOf(this.row));
    this.lease = new Lease(this.row, claimedAt + task.definition.leaseMs);
  }

  /** Whether an execution of ours goes on although its lease is over. */
  hasOutlivedLease(now: number): boolean {
    return (
      this.handlerRun !== null &&
      !this.claimed.isSettled &&
      !this.lease.isLost &&
      now >= this.lease.trustedUntil
    );
  }

  /** Lives. A handler that ignores its timeout may still go on when it is finished (`ended`). */
  start(host: RunHost): void {
    this.host = host;
    trackedUntilDone(this.engine.settings.clock, `the execution of ${this.label}`, (done) => this.live(done));
  }

  /** Resolves when the handler itself has ended; null: it has. */
  get ended(): Promise<void> | null {
    return this.handlerRun?.hasEnded === false ? this.handlerRun.ended : null;
  }

  abort(reason: Error): void {
    this.handlerRun?.abort(reason);
  }

  abandon(): void {
    this.isAbandoned = true;
    this.handlerRun?.stopHeartbeats();
  }

  /** Gives back what was claimed and will not be started. */
  async release(): Promise<void> {
    if (!this.claimed.isSettled) await this.engine.settler.settle(this.lease, { kind: 'back' });
  }

  /** Most claims are plain: what they do is done without waiting for anything but the handler and the settlement. */
  private live(done: () => void): void {
    const finish = (): void => {
      this.host?.onFinished(this);
      done();
    };
    try {
      const claimed = readClaim(this.task.definition, this.row);
      const now = this.claimed.isSettled ? this.claimedAt : this.now();
      const seated = isExhausted(this.task.definition, claimed.attempt) ? null : seat(claimed, now);
      if (seated !== null && this.isPlain(claimed, seated))
        this.executePlainly(claimed, seated.missed, finish);
      else void this.orPark(this.proceed(claimed, seated, now)).then(finish);
    } catch (error) {
      void this.park(error).then(finish);
    }
  }

  private isPlain(claimed: ClaimedTask, seated: Seat): boolean {
    return (
      seated.kind === 'run' &&
      seated.at === claimed.occurrenceAt &&
      !this.task.definition.transactional &&
      this.mayStartNow()
    );
  }

  /** A row that turns out not to be computable is parked wherever that shows. */
  private async orPark(life: Promise<void>): Promise<void> {
    try {
      await life;
    } catch (error) {
      await this.park(error);
    }
  }

  private executePlainly(claimed: ClaimedTask, missed: number, finish: () => void): void {
    const handler = this.handlerFor(claimed, null);
    void handler.run(missed).then((outcome) => {
      try {
        this.handled(claimed, handler, outcome, finish);
      } catch (error) {
        void this.park(error).then(finish);
      }
    });
  }

  private handled(claimed: ClaimedTask, handler: HandlerRun, outcome: Outcome, finish: () => void): void {
    if (this.isAbandoned) return finish();
    this.isHandled = true;
    this.host?.onHandled();
    const announce = (): void => {
      handler.stopHeartbeats();
      handler.announce(outcome);
      finish();
    };
    const execution = handler.remembered(outcome);
    if (this.task.isAtMostOnce) {
      this.engine.history.record(execution);
      this.says.dropped(claimed, settleDone(claimed, this.claimedAt, null));
      return announce();
    }
    const settlement = this.settlementOf(claimed, outcome, handler.beganAt);
    this.engine.settler.settleThen(this.lease, settlement, execution, (result) => {
      try {
        this.conclude(claimed, settlement, result);
        announce();
      } catch (error) {
        void this.park(error).then(finish);
      }
    });
  }

  private async proceed(claimed: ClaimedTask, seated: Seat | null, now: number): Promise<void> {
    if (seated === null) return this.giveUp(claimed, now);
    if (seated.missed > 0 && this.task.definition.missed === 'skip')
      this.says.missed(claimed, seated.missed, now);
    if (seated.kind === 'skip') return this.skip(claimed, seated.next);
    const isOurs =
      seated.at === claimed.occurrenceAt || this.claimed.isSettled || (await this.reseat(seated.at));
    const settled = seated.at === claimed.occurrenceAt ? claimed : { ...claimed, occurrenceAt: seated.at };
    if (isOurs && (this.mayStartNow() || (await this.commitFirst(settled, now))))
      await this.execute(settled, seated.missed);
  }

  /** Under its lease, or settled already. */
  private mayStartNow(): boolean {
    return this.claimed.isSettled || (!this.task.isAtMostOnce && this.lease.isTrusted(this.now()));
  }

  /** At most once: nothing starts before its row has moved on. */
  private async commitFirst(claimed: ClaimedTask, now: number): Promise<boolean> {
    if (!this.task.isAtMostOnce) return false;
    return (
      (await this.engine.settler.settle(this.lease, settleDone(claimed, now, this.row.lastError))) ===
      'settled'
    );
  }

  private async execute(claimed: ClaimedTask, missed: number): Promise<void> {
    if (this.task.definition.transactional) return this.executeInTransaction(claimed, missed);
    await new Promise<void>((resolve) => this.executePlainly(claimed, missed, resolve));
  }

  /** Effects and settlement are one: what is not settled has not happened. */
  private async executeInTransaction(claimed: ClaimedTask, missed: number): Promise<void> {
    const end = await runInTransaction(this.engine.watch.repository, {
      lease: this.lease,
      isAtMostOnce: this.task.isAtMostOnce,
      run: async (transaction) => this.handlerFor(claimed, transaction).run(missed),
      settlementOf: (outcome) =>
        this.settlementOf(claimed, outcome, this.handlerRun?.beganAt ?? this.claimedAt),
      now: () => this.now(),
    });
    this.handlerRun?.stopHeartbeats();
    if (this.isAbandoned) return;
    const outcome =
      end.kind === 'unknown'
        ? await this.afterSilence(claimed, end.error)
        : await this.afterEnd(claimed, end);
    if (outcome === null) return;
    // Not within the transaction: a history that cannot be written must not undo it.
    this.engine.history.record(this.handlerRun?.remembered(outcome));
    this.handlerRun?.announce(outcome);
  }

  private async afterEnd(
    claimed: ClaimedTask,
    end: Exclude<TransactionEnd, { kind: 'unknown' }>,
  ): Promise<Outcome | null> {
    if (end.kind === 'not started') return null;
    if (end.kind === 'committed') {
      if (end.settlement !== null) {
        this.engine.settler.announce(this.lease, end.settlement);
        this.conclude(claimed, end.settlement, 'settled');
      }
    } else if (end.answer !== null) {
      this.conclude(claimed, { kind: 'back' }, end.answer);
      return { kind: 'failed', error: leaseLost(this.label, end.answer === 'gone' ? 'gone' : 'lost') };
    } else if (!this.task.isAtMostOnce) {
      await this.settle(claimed, end.outcome, this.handlerRun?.beganAt ?? this.claimedAt);
    }
    return end.outcome;
  }

  /** The store failed in the transaction. If it had committed, the lease is over and settling again changes nothing. */
  private async afterSilence(claimed: ClaimedTask, error: unknown): Promise<Outcome | null> {
    if (this.handlerRun === null) {
      await this.release();
      return null;
    }
    const failed: Outcome = { kind: 'failed', error };
    if (this.task.isAtMostOnce) return failed;
    const settlement = this.settlementOf(claimed, failed, this.handlerRun.beganAt);
    const result = await this.engine.settler.settle(this.lease, settlement);
    if (result === 'lost' || result === 'gone') return { kind: 'succeeded' };
    this.conclude(claimed, settlement, result);
    return failed;
  }

  private handlerFor(claimed: ClaimedTask, transaction: ExecutionTransaction | null): HandlerRun {
    return (this.handlerRun = new HandlerRun(
      this.engine,
      this.task,
      claimed,
      this.lease,
      this.label,
      transaction,
    ));
  }

  private async settle(claimed: ClaimedTask, outcome: Outcome, beganAt: number): Promise<void> {
    const settlement = this.settlementOf(claimed, outcome, beganAt);
    const execution = this.handlerRun?.remembered(outcome);
    const result = await this.engine.settler.settle(this.lease, settlement, execution);
    this.conclude(claimed, settlement, result);
  }

  private settlementOf(claimed: ClaimedTask, outcome: Outcome, beganAt: number): Settlement {
    const now = this.now();
    switch (outcome.kind) {
      case 'succeeded':
        return settleDone(claimed, now, null);
      case 'failed':
        return settleFailed(
          claimed,
          beganAt,
          this.engine.settings.pollIntervalMs,
          rowError(outcome.error, now),
          this.handlerRun?.decide(outcome.error) ?? { kind: 'retry' },
        );
      case 'interrupted':
        return { kind: 'retry', dueAt: now, error: this.row.lastError };
    }
  }

  private conclude(claimed: ClaimedTask, settlement: Settlement, result: SettleResult): void {
    if (result === 'lost' && !this.lease.isLost) {
      this.lease.isLost = true;
      this.says.leaseLost(claimed, this.claimedAt);
    }
    if (result !== 'settled') return;
    this.says.dropped(claimed, settlement);
    if (settlement.kind === 'park') this.says.parked(settlement.error);
  }

  private async skip(claimed: ClaimedTask, next: number | null): Promise<void> {
    if (this.claimed.isSettled) return;
    const { jitterMs } = claimed;
    await this.engine.settler.settle(this.lease, { kind: 'done', next, jitterMs, error: this.row.lastError });
  }

  private async reseat(at: number | null): Promise<boolean> {
    if (at === null) return true;
    const [isOurs] = await this.engine.watch.call('reseat', (repository) =>
      repository.reseat([{ ...this.lease.proof, scheduledAt: at }]),
    );
    return isOurs === true;
  }

  /** Crashes have spent all attempts. */
  private async giveUp(claimed: ClaimedTask, now: number): Promise<void> {
    const error = this.row.lastError ?? {
      name: 'ExhaustedError',
      message: 'every attempt ended with its process, or with its lease',
      at: now,
    };
    const settlement = settleExhausted(claimed, now, error);
    this.conclude(claimed, settlement, await this.engine.settler.settle(this.lease, settlement));
  }

  /** A row that cannot be read, or a schedule that cannot be computed, blocks nobody. */
  private async park(error: unknown): Promise<void> {
    const at = this.now();
    if (error instanceof RepositoryException) return;
    const rowErr = rowError(error, at);
    const result = this.claimed.isSettled
      ? 'settled'
      : await this.engine.settler.settle(this.lease, { kind: 'park', error: rowErr });
    if (result === 'settled') this.says.parked(error);
  }

  private get says(): ClaimEvents {
    return new ClaimEvents(this.engine, this.row);
  }

  private now(): number {
    return this.engine.watch.repository.now();
  }
}
