import { trackedUntilDone } from '../core/clock.js';
import { RepositoryException } from '../core/errors.js';
import { isExhausted, settleDone, settleExhausted } from '../core/settlement.js';
import { type Settlement, isSettled } from '../core/task-repository.js';
import { type ClaimedTask, type Seat, readClaim, seat } from './claimed-task.js';
import { HandlerRun } from './handler-run.js';
import { HeldClaim } from './held-claim.js';
import { type Outcome, rowError } from './outcome.js';
import type { Listed } from './run-list.js';
import type { SettleCaller, SettleResult } from './settler.js';
import { executeInTransaction } from './transactional-execution.js';

// One claim's life: read → seat → start → outcome → settlement → what it came to. Never throws.

/** Told what becomes of a run. */
export interface RunHost {
  /** Only its settlement is left to be stored. */
  onHandled(): void;
  /** That has been done. */
  onFinished(run: ClaimRun): void;
}

/**
 * What a claim was and when it was taken, and what becomes of it. Many thousands of them live at once: what most need is kept in fields
 * and done by methods, without promises and functions made for each.
 */
export class ClaimRun extends HeldClaim implements SettleCaller, Listed {
  place = -1;
  /** Its handler has ended, so that nothing but its settlement is left. Not told of executions in a transaction. */
  isHandled = false;
  private host: RunHost | null = null;
  /** Of a plain execution: what it runs, what came of it, and who else waits for its end. */
  private executed: ClaimedTask | null = null;
  private outcome: Outcome | null = null;
  private settlement: Settlement | null = null;
  private onExecuted: (() => void) | null = null;
  /** What a clock that is turned by hand waits for. */
  private done: (() => void) | null = null;
  /** A shutdown waits no longer: whatever the handler still does, its lease is left to expire. */
  private isAbandoned = false;

  /** Whether an execution of ours goes on although its lease is over. */
  hasOutlivedLease(now: number): boolean {
    return (
      this.handler !== null && !this.claimed.isSettled && !this.lease.isLost && now >= this.lease.trustedUntil
    );
  }

  /** Lives. A handler that ignores its timeout may still go on when it is finished (`ended`). */
  start(host: RunHost): void {
    this.host = host;
    trackedUntilDone(this.engine.settings.clock, this);
  }

  /** What a clock that is turned by hand calls it. */
  get trackedAs(): string {
    return `the execution of ${this.label}`;
  }

  /** Resolves when the handler itself has ended; null: it has. */
  get ended(): Promise<void> | null {
    return this.handler?.hasEnded === false ? this.handler.ended : null;
  }

  abort(reason: Error): void {
    this.handler?.abort(reason);
  }

  abandon(): void {
    this.isAbandoned = true;
    this.handler?.stopHeartbeats();
  }

  /** Most claims are plain: what they do is done without waiting for anything but the handler and the settlement. */
  begin(done: (() => void) | null): void {
    this.done = done;
    try {
      const claimed = readClaim(this.task.definition, this.row);
      const now = this.claimed.isSettled ? this.claimedAt : this.now();
      const seated = isExhausted(this.task.definition, claimed.attempt) ? null : seat(claimed, now);
      if (seated !== null && this.isPlain(claimed, seated)) this.executePlainly(claimed, seated.missed);
      else void this.orPark(this.proceed(claimed, seated, now)).then(() => this.finish());
    } catch (error) {
      void this.park(error).then(() => this.finish());
    }
  }

  private finish(): void {
    this.host?.onFinished(this);
    this.done?.();
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

  private executePlainly(claimed: ClaimedTask, missed: number): void {
    this.executed = claimed;
    const handler = new HandlerRun(this, claimed, null);
    this.handler = handler;
    handler.start(missed, this);
  }

  /** The handler of a plain execution has ended. */
  handled(outcome: Outcome): void {
    try {
      if (this.isAbandoned) return this.executedAll();
      this.outcome = outcome;
      this.isHandled = true;
      this.host?.onHandled();
      this.settleExecuted(outcome);
    } catch (error) {
      void this.park(error).then(() => this.executedAll());
    }
  }

  private settleExecuted(outcome: Outcome): void {
    const { executed, handler, engine } = this;
    if (executed === null || handler === null) return;
    const execution = handler.remembered(outcome);
    if (this.task.isAtMostOnce) {
      engine.history.record(execution);
      this.dropped(executed, settleDone(executed, this.claimedAt, null));
      return this.announce();
    }
    this.settlement = this.settlementOf(executed, outcome);
    const { settlement } = this;
    this.apartFromHandler(() => engine.settler.settleThen(this.lease, settlement, execution, this));
  }

  /** A clock that is turned by hand waits for what is left to be done, whatever the handler still sleeps for. */
  private apartFromHandler(rest: () => void): void {
    const { done } = this;
    if (done === null) return rest();
    trackedUntilDone(this.engine.settings.clock, {
      trackedAs: `the settlement of ${this.label}`,
      begin: (restDone) => {
        this.done = restDone;
        rest();
      },
    });
    done();
  }

  /** The settlement of a plain execution has been answered. */
  settled(result: SettleResult): void {
    try {
      if (this.executed !== null && this.settlement !== null)
        this.conclude(this.executed, this.settlement, result);
      this.announce();
    } catch (error) {
      void this.park(error).then(() => this.executedAll());
    }
  }

  private announce(): void {
    this.handler?.stopHeartbeats();
    if (this.outcome !== null) this.handler?.announce(this.outcome);
    this.executedAll();
  }

  /** A plain execution is over. */
  private executedAll(): void {
    if (this.onExecuted === null) this.finish();
    else this.onExecuted();
  }

  private async proceed(claimed: ClaimedTask, seated: Seat | null, now: number): Promise<void> {
    if (seated === null) return this.giveUp(claimed, now);
    if (seated.missed > 0 && this.task.definition.missed === 'skip')
      this.says.missed(seated.missed, claimed.occurrenceAt ?? now, now);
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
    const settlement = settleDone(claimed, now, this.row.lastError);
    return isSettled(await this.engine.settler.settle(this.lease, settlement));
  }

  private async execute(claimed: ClaimedTask, missed: number): Promise<void> {
    if (this.task.definition.transactional)
      return executeInTransaction(this, claimed, missed, () => this.isAbandoned);
    await new Promise<void>((resolve) => {
      this.onExecuted = resolve;
      this.executePlainly(claimed, missed);
    });
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
    if (isSettled(result)) this.says.parked(error);
  }
}
