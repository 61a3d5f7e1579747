import type { ClaimResult } from '../core/task-repository.js';
import { ClaimRun, type RunHost } from './claim-run.js';
import type { EngineContext } from './engine-context.js';
import { RunList } from './run-list.js';
import type { RegisteredTask, TaskRegistry } from './task-registry.js';

/** The slots of this process: starts what was claimed, knows what is in flight, and waits for it. */
export class Executor implements RunHost {
  private readonly runs = new RunList<ClaimRun>();
  /** Handlers that go on after their timeout has made them failures. */
  private readonly leftovers = new Set<Promise<void>>();
  private readonly warned = new WeakSet<ClaimRun>();
  /** No lease of a run that has not been warned of ends before. */
  private firstLeaseEnd = Number.POSITIVE_INFINITY;
  /** Executions whose handlers have ended and whose settlements are on the way. */
  private settling = 0;
  private isStopping = false;
  /** Told when nothing is in flight. */
  private drained: (() => void)[] = [];

  constructor(
    private readonly engine: EngineContext,
    private readonly registry: TaskRegistry,
    private readonly onFree: () => void,
  ) {}

  /** Executions that have a slot. */
  get inFlight(): number {
    return Math.min(this.runs.size, this.engine.settings.concurrencyLimit);
  }

  /**
   * How many more executions may start. One whose handler has ended needs its slot no more while its settlement is on the way, as long
   * as not more of them are on the way than there are slots; but a small limit is there to keep things apart, settlements included.
   */
  get free(): number {
    const { concurrencyLimit } = this.engine.settings;
    const spared = concurrencyLimit < SMALL_LIMIT ? 0 : Math.min(this.settling, concurrencyLimit);
    return Math.max(0, concurrencyLimit - (this.runs.size - spared));
  }

  /** Starts what was claimed. What may not start any more is given back. */
  async accept({ claimed, claimedAt }: ClaimResult): Promise<void> {
    const released: Promise<void>[] = [];
    for (const row of claimed) {
      const task = this.registry.find(row.row.task);
      if (task === undefined) continue;
      const run = new ClaimRun(this.engine, task, row, row.settledAt ?? claimedAt);
      if (this.isStopping && !row.isSettled) released.push(run.release());
      else this.start(run, task);
    }
    await Promise.all(released);
  }

  /** From now on what is claimed is given back, until `open` is called. */
  stop(): void {
    this.isStopping = true;
  }

  open(): void {
    this.isStopping = false;
  }

  /** Resolves when nothing is in flight any more. */
  async drain(): Promise<void> {
    while (this.runs.size + this.leftovers.size > 0) {
      await Promise.all(this.leftovers);
      if (this.runs.size > 0) await new Promise<void>((resolve) => this.drained.push(resolve));
    }
  }

  abort(reason: Error): void {
    for (const run of this.runs.all) run.abort(reason);
  }

  /** Whatever still runs is left alone: its lease expires by itself. */
  abandon(): readonly string[] {
    const labels = this.runs.all.map((run) => run.label);
    for (const run of this.runs.all) run.abandon();
    return labels;
  }

  /** Warns, once each, of executions that go on although their lease is over. */
  checkLeases(now: number): void {
    if (now < this.firstLeaseEnd) return;
    this.firstLeaseEnd = Number.POSITIVE_INFINITY;
    for (const run of this.runs.all) {
      if (this.warned.has(run)) continue;
      this.firstLeaseEnd = Math.min(this.firstLeaseEnd, run.lease.trustedUntil);
      if (!run.hasOutlivedLease(now)) continue;
      this.warned.add(run);
      this.engine.events.notice(
        'warn',
        `${run.label} is still executing although its lease of ${run.task.definition.leaseMs} ms is over, so it may run twice at once: give the task @WithHeartbeat(), the module \`heartbeat: true\`, or the task a longer leaseDuration`,
      );
    }
  }

  onHandled(): void {
    this.settling++;
    this.onFree();
  }

  onFinished(run: ClaimRun): void {
    this.runs.delete(run);
    if (run.isHandled) this.settling--;
    run.task.inFlight--;
    this.remember(run.ended);
    this.onFree();
    if (this.runs.size > 0) return;
    for (const resolve of this.drained.splice(0)) resolve();
  }

  private start(run: ClaimRun, task: RegisteredTask): void {
    this.runs.add(run);
    this.firstLeaseEnd = Math.min(this.firstLeaseEnd, run.lease.trustedUntil);
    task.inFlight++;
    run.start(this);
  }

  private remember(ended: Promise<void> | null): void {
    if (ended === null) return;
    this.leftovers.add(ended);
    void ended.finally(() => this.leftovers.delete(ended));
  }
}

/** Up to which limit a slot is kept until the settlement is stored. */
const SMALL_LIMIT = 10;
