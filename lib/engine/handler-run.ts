import type { Lease } from '../core/lease.js';
import type { ExecutionTransaction } from '../core/task-repository.js';
import { instanceNameOf } from '../core/task-spec.js';
import { Abortion } from './abortion.js';
import type { ClaimedTask } from './claimed-task.js';
import type { EngineContext } from './engine-context.js';
import type { ExecutionEntry } from '../core/execution-history.js';
import type { FailureDecision } from '../core/settlement.js';
import type { Execution } from './execution.js';
import { LeaseKeeper, leaseLost } from './lease-keeper.js';
import { type Outcome, outcomeOf } from './outcome.js';
import { zoneOf } from './stored-instance.js';
import type { RegisteredTask } from './task-registry.js';

/** From the start of a handler to its outcome: its context, its signal, its heartbeats, its events. */
export class HandlerRun {
  beganAt = 0;
  private durationMs = 0;
  /** Resolves when the handler has ended, which may be long after a timeout made it a failure. */
  ended: Promise<void> = Promise.resolve();
  hasEnded = false;
  private readonly abortion = new Abortion();
  private begun: Execution | null = null;
  private readonly keeper: LeaseKeeper;

  constructor(
    private readonly engine: EngineContext,
    private readonly task: RegisteredTask,
    private readonly claimed: ClaimedTask,
    lease: Lease,
    private readonly label: string,
    private readonly transaction: ExecutionTransaction | null,
  ) {
    const store = { clock: engine.settings.clock, renewals: engine.renewals, now: () => this.now() };
    this.keeper = new LeaseKeeper(store, lease, task.definition.leaseMs, {
      onExtended: (until) => engine.events.emit({ type: 'lease:extended', ...this.event(), until }),
      onLost: () => this.onLost(),
    });
  }

  async run(missed: number): Promise<Outcome> {
    const { clock } = this.engine.settings;
    const { definition } = this.task;
    this.beganAt = this.now();
    const latenessMs = Math.max(0, this.beganAt - (this.claimed.row.dueAt ?? this.beganAt));
    this.engine.events.emit({ type: 'task:started', ...this.event(), missed, latenessMs });
    if (definition.heartbeat !== null && this.hasLeaseToRenew)
      this.keeper.start(definition.heartbeat, this.label);
    const handler = this.begin(missed);
    const end = (): void => void (this.hasEnded = true);
    this.ended = handler.then(end, end);
    const outcome = await outcomeOf(handler, this.abortion, clock, definition.timeoutMs, this.label);
    this.durationMs = this.now() - this.beganAt;
    return outcome;
  }

  /** Says how it went, once that is settled. */
  announce(outcome: Outcome): void {
    if (outcome.kind === 'interrupted') return;
    const { durationMs } = this;
    if (outcome.kind === 'succeeded')
      this.engine.events.emit({ type: 'task:succeeded', ...this.event(), durationMs });
    else this.engine.events.emit({ type: 'task:failed', ...this.event(), durationMs, error: outcome.error });
  }

  /** What its failure means. */
  decide(error: unknown): FailureDecision {
    const { definition, decide } = this.task;
    return this.begun === null
      ? { kind: 'retry' }
      : this.engine.failures.decide(definition, decide, error, this.begun);
  }

  /** What the history remembers of it; undefined: nothing. The same however often it is asked. */
  remembered(outcome: Outcome): ExecutionEntry | undefined {
    const { task, instance } = this.claimed.row;
    const { executionId, attempt } = this.claimed;
    const { scheduledAt, beganAt: startedAt } = this;
    const finishedAt = startedAt + this.durationMs;
    const ended = { task, instance, executionId, attempt, scheduledAt, startedAt, finishedAt };
    return this.engine.history.entryOf(ended, outcome);
  }

  abort(reason: Error): void {
    this.abortion.abort(reason);
  }

  stopHeartbeats(): void {
    this.keeper.stop();
  }

  /** Throws nothing, whatever the handler does. */
  private async begin(missed: number): Promise<unknown> {
    this.begun = this.execution(missed);
    return this.task.run(this.begun);
  }

  private execution(missed: number): Execution {
    const { claimed, label, abortion } = this;
    return {
      task: this.task.definition,
      instanceName: instanceNameOf(claimed.row),
      canonicalName: label,
      timezone: zoneOf(this.task.definition, claimed.row),
      scheduledAt: this.scheduledAt,
      args: claimed.args,
      attempt: claimed.attempt,
      missed,
      executionId: claimed.executionId,
      isTriggered: claimed.row.current !== null,
      get signal() {
        return abortion.signal;
      },
      transaction: this.transaction,
      heartbeat: () => this.heartbeat(),
    };
  }

  private async heartbeat(): Promise<void> {
    if (!this.hasLeaseToRenew) return;
    const answer = await this.keeper.renew();
    if (answer.kind !== 'renewed') throw leaseLost(this.label, answer.kind);
  }

  /** At most once there is no lease; in a transaction that keeps everybody from writing it can neither be lost nor renewed. */
  private get hasLeaseToRenew(): boolean {
    return !this.task.isAtMostOnce && this.transaction?.holdsStore !== true;
  }

  private onLost(): void {
    this.engine.events.emit({ type: 'lease:lost', ...this.event(), during: 'execution' });
    if (this.task.definition.heartbeat?.abortOnLeaseLost !== false) this.abort(leaseLost(this.label, 'lost'));
  }

  private get scheduledAt(): number {
    return this.claimed.row.current?.at ?? this.claimed.occurrenceAt ?? this.beganAt;
  }

  private event() {
    const { row, executionId, attempt } = this.claimed;
    const instanceName = instanceNameOf(row);
    return {
      at: this.now(),
      task: row.task,
      instanceName,
      executionId,
      attempt,
      scheduledAt: this.scheduledAt,
    };
  }

  private now(): number {
    return this.engine.watch.repository.now();
  }
}
