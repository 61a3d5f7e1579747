import type { ExecutionTransaction } from '../core/task-repository.js';
import { instanceNameOf } from '../core/task-spec.js';
import { Abortion } from './abortion.js';
import type { ClaimedTask } from './claimed-task.js';
import type { EngineContext } from './engine-context.js';
import type { TaskDefinition } from '../core/task.js';
import type { ExecutionEntry } from '../core/execution-history.js';
import type { FailureDecision } from '../core/settlement.js';
import type { Execution } from './execution.js';
import { LeaseKeeper, leaseLost } from './lease-keeper.js';
import { type Outcome, SUCCEEDED, outcomeInTime, rejected, settleHandler } from './outcome.js';
import { type ExecutionHost, RunningExecution } from './running-execution.js';
import type { HeldClaim } from './held-claim.js';

/** Told what a handler did. Must not throw. */
export interface HandlerHost {
  handled(outcome: Outcome): void;
}

/** From the start of a handler to its outcome: its context, its signal, its heartbeats, its events. */
export class HandlerRun implements ExecutionHost {
  beganAt = 0;
  private durationMs = 0;
  /** Resolves when the handler has ended, which may be long after a timeout made it a failure. */
  ended: Promise<void> | null = null;
  hasEnded = true;
  readonly abortion = new Abortion();
  private begun: Execution | null = null;
  private areHeartbeatsOver = false;
  /** Made when a lease is to be kept: most executions end long before theirs. */
  private keeping: LeaseKeeper | null = null;

  constructor(
    private readonly claim: HeldClaim,
    private readonly claimed: ClaimedTask,
    readonly transaction: ExecutionTransaction | null,
  ) {}

  get label(): string {
    return this.claim.label;
  }

  /** Tells rather than promises. */
  start(missed: number, host: HandlerHost): void {
    const execution = this.open(missed);
    if (this.engine.observation.observer?.aroundExecution === undefined && this.definition.timeoutMs === null)
      this.begin(execution).then(
        () => host.handled(this.ends(SUCCEEDED)),
        (error: unknown) => host.handled(this.ends(rejected(error, this.abortion))),
      );
    else void this.observed(execution).then((outcome) => host.handled(this.ends(outcome)));
  }

  async run(missed: number): Promise<Outcome> {
    return this.ends(await this.observed(this.open(missed)));
  }

  private open(missed: number): Execution {
    const { events } = this.engine;
    this.beganAt = this.claim.now();
    if (events.isHeard('task:started')) {
      const latenessMs = Math.max(0, this.beganAt - (this.claimed.row.dueAt ?? this.beganAt));
      events.emit({ type: 'task:started', ...this.event(), missed, latenessMs });
    }
    if (this.definition.heartbeat !== null && this.hasLeaseToRenew)
      this.keeper.start(this.definition.heartbeat, this.label);
    return (this.begun = new RunningExecution(this, this.claimed, missed));
  }

  private observed(execution: Execution): Promise<Outcome> {
    const { observer } = this.engine.observation;
    return observer?.aroundExecution?.(execution, () => this.handle(execution)) ?? this.handle(execution);
  }

  private ends(outcome: Outcome): Outcome {
    this.durationMs = this.claim.now() - this.beganAt;
    return outcome;
  }

  private handle(execution: Execution): Promise<Outcome> {
    const handler = this.begin(execution);
    const { timeoutMs } = this.definition;
    // Only a timeout makes an outcome of a handler that has not ended.
    if (timeoutMs === null) return settleHandler(handler, this.abortion);
    const end = (): void => void (this.hasEnded = true);
    this.hasEnded = false;
    this.ended = handler.then(end, end);
    return outcomeInTime(handler, this.abortion, this.engine.settings.clock, timeoutMs, this.label);
  }

  /** Says how it went, once that is settled. */
  announce(outcome: Outcome): void {
    if (outcome.kind === 'interrupted') return;
    const { durationMs } = this;
    const { events } = this.engine;
    if (outcome.kind === 'succeeded') {
      if (events.isHeard('task:succeeded'))
        events.emit({ type: 'task:succeeded', ...this.event(), durationMs });
    } else events.emit({ type: 'task:failed', ...this.event(), durationMs, error: outcome.error });
  }

  /** What its failure means. */
  decide(error: unknown): FailureDecision {
    const { definition, decide } = this.claim.task;
    return this.begun === null
      ? { kind: 'retry' }
      : this.engine.failures.decide(definition, decide, error, this.begun);
  }

  /** What the history remembers of it; undefined: nothing. The same however often it is asked. */
  remembered(outcome: Outcome): ExecutionEntry | undefined {
    const { history, owner } = this.engine;
    const finishedAt = this.beganAt + this.durationMs;
    const what = history.whatOf(outcome, finishedAt);
    if (what === null) return undefined;
    return {
      task: this.claimed.row.task,
      instance: this.claimed.row.instance,
      executionId: this.claimed.executionId,
      attempt: this.claimed.attempt,
      scheduledAt: this.scheduledAt,
      startedAt: this.beganAt,
      finishedAt,
      outcome: what.outcome,
      error: what.error,
      process: owner,
    };
  }

  abort(reason: Error): void {
    this.abortion.abort(reason);
  }

  stopHeartbeats(): void {
    this.areHeartbeatsOver = true;
    this.keeping?.stop();
  }

  private get keeper(): LeaseKeeper {
    return (this.keeping ??= this.keep());
  }

  private keep(): LeaseKeeper {
    const { engine, lease } = this.claim;
    const store = { clock: engine.settings.clock, renewals: engine.renewals, now: () => this.claim.now() };
    const keeper = new LeaseKeeper(store, lease, this.definition.leaseMs, {
      onExtended: (until) => engine.events.emit({ type: 'lease:extended', ...this.event(), until }),
      onLost: () => this.onLost(),
    });
    if (this.areHeartbeatsOver) keeper.stop();
    return keeper;
  }

  /** Throws nothing, whatever the handler does. */
  private begin(execution: Execution): Promise<unknown> {
    try {
      return this.claim.task.run(execution);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What a handler's own heartbeat does. */
  async heartbeat(): Promise<void> {
    if (!this.hasLeaseToRenew) return;
    const answer = await this.keeper.renew();
    if (answer.kind !== 'renewed') throw leaseLost(this.label, answer.kind);
  }

  /** At most once there is no lease; in a transaction that keeps everybody from writing it can neither be lost nor renewed. */
  private get hasLeaseToRenew(): boolean {
    return !this.claim.task.isAtMostOnce && this.transaction?.holdsStore !== true;
  }

  private onLost(): void {
    this.engine.events.emit({ type: 'lease:lost', ...this.event(), during: 'execution' });
    if (this.definition.heartbeat?.abortOnLeaseLost !== false) this.abort(leaseLost(this.label, 'lost'));
  }

  get scheduledAt(): number {
    return this.claimed.row.current?.at ?? this.claimed.occurrenceAt ?? this.beganAt;
  }

  private event() {
    const { row, executionId, attempt } = this.claimed;
    const instanceName = instanceNameOf(row);
    return {
      at: this.claim.now(),
      task: row.task,
      instanceName,
      executionId,
      attempt,
      scheduledAt: this.scheduledAt,
    };
  }

  private get engine(): EngineContext {
    return this.claim.engine;
  }

  private get definition(): TaskDefinition {
    return this.claim.task.definition;
  }
}
