import { Lease } from '../core/lease.js';
import { settleDone, settleFailed } from '../core/settlement.js';
import { canonicalName } from '../core/task.js';
import { type ClaimedRow, type Settlement, isSettled } from '../core/task-repository.js';
import type { TaskRow } from '../core/task-row.js';
import { instanceNameOf } from '../core/task-spec.js';
import { ClaimEvents } from './claim-events.js';
import type { ClaimedTask } from './claimed-task.js';
import type { EngineContext } from './engine-context.js';
import type { HandlerRun } from './handler-run.js';
import { type Outcome, rowError } from './outcome.js';
import type { SettleResult } from './settler.js';
import type { RegisteredTask } from './task-registry.js';

/** What we hold by a claim, and what an execution of it comes to. */
export class HeldClaim {
  readonly lease: Lease;
  readonly row: TaskRow;
  /** The handler; null until it is about to start. */
  handler: HandlerRun | null = null;

  constructor(
    readonly engine: EngineContext,
    readonly task: RegisteredTask,
    protected readonly claimed: ClaimedRow,
    readonly claimedAt: number,
  ) {
    this.row = claimed.row;
    this.lease = new Lease(this.row, claimedAt + task.definition.leaseMs);
  }

  get label(): string {
    return canonicalName(this.row.task, instanceNameOf(this.row));
  }

  /** What is then done to the row. */
  settlementOf(claimed: ClaimedTask, outcome: Outcome): Settlement {
    const now = this.now();
    switch (outcome.kind) {
      case 'succeeded':
        return settleDone(claimed, now, null);
      case 'failed':
        return settleFailed(
          claimed,
          this.handler?.beganAt ?? this.claimedAt,
          this.engine.settings.pollIntervalMs,
          rowError(outcome.error, now),
          this.handler?.decide(outcome.error) ?? { kind: 'retry' },
        );
      case 'interrupted':
        return { kind: 'retry', dueAt: now, error: this.row.lastError };
    }
  }

  /** Says what a settlement came to. */
  conclude(claimed: ClaimedTask, settlement: Settlement, result: SettleResult): void {
    if (result === 'lost' && !this.lease.isLost) {
      this.lease.isLost = true;
      this.says.leaseLost(claimed, this.claimedAt);
    }
    if (!isSettled(result)) return;
    this.dropped(claimed, settlement);
    if (settlement.kind === 'park') this.says.parked(settlement.error);
  }

  /** Says what a settlement dropped between the occurrence that was run and the next. */
  dropped({ occurrenceAt, occurrences }: ClaimedTask, settlement: Settlement): void {
    if (settlement.kind !== 'done' || settlement.next === null || occurrenceAt === null) return;
    const count = this.row.current === null ? occurrences.count(occurrenceAt, settlement.next) : 0;
    if (count > 0) this.says.missed(count, occurrenceAt, settlement.next);
  }

  /** Gives back what was claimed and will not be started. */
  async release(): Promise<void> {
    if (!this.claimed.isSettled) await this.engine.settler.settle(this.lease, { kind: 'back' });
  }

  protected get says(): ClaimEvents {
    return new ClaimEvents(this.engine, this.row);
  }

  now(): number {
    return this.engine.watch.repository.now();
  }
}
