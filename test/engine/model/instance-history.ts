import assert from 'node:assert/strict';

/** How an instance was asked to run. */
export interface Asked {
  readonly kind: 'interval' | 'cron' | 'once';
  readonly ms: number;
}

interface Running {
  readonly key: string;
  readonly isAtMostOnce: boolean;
  leaseEnd: number;
}

/** What is seen of one start. */
export interface SeenStart {
  readonly at: number;
  readonly scheduledAt: number;
  readonly attempt: number;
  readonly executionId: string;
  /** Which call asked for it; null: the schedule. */
  readonly trigger: number | null;
}

/** All that was asked of one instance and all that ran of it, each step held against what is promised. */
export class InstanceHistory {
  asked: Asked | null = null;
  isPaused = false;
  lastTrigger: { readonly number: number; readonly at: number } | null = null;
  /** Occurrences and triggered runs that have succeeded. */
  readonly succeeded = new Set<string>();
  private anchors: number[] = [];
  private readonly started = new Set<string>();
  private readonly settled = new Set<string>();
  private readonly attempts = new Map<string, number>();
  private running: Running[] = [];

  constructor(
    readonly name: string,
    private readonly leaseMs: number,
    private readonly isAtMostOnce: boolean,
  ) {}

  static key({ scheduledAt, trigger }: Pick<SeenStart, 'scheduledAt' | 'trigger'>): string {
    return trigger === null ? `occurrence ${scheduledAt}` : `trigger ${trigger}`;
  }

  /** Scheduled at `now`. `exists`: whether there was a row with a schedule to go on with. */
  schedule(asked: Asked, force: boolean, exists: boolean, now: number): void {
    const isUnchanged = exists && !force && this.asked?.kind === asked.kind && this.asked.ms === asked.ms;
    this.asked = asked;
    if (!isUnchanged) this.anchors = [now];
    if (force) this.forget();
    if (force || !exists) this.isPaused = false;
  }

  unschedule(): void {
    this.asked = null;
    this.anchors = [];
    this.isPaused = false;
    this.forget();
  }

  resumeFromNow(now: number): void {
    this.anchors.push(now);
  }

  triggered(number: number, at: number): void {
    this.lastTrigger = { number, at };
  }

  start(seen: SeenStart, isTemplatePaused: boolean): Running {
    const key = InstanceHistory.key(seen);
    const about = `${this.name}: ${key} at ${seen.at}, attempt ${seen.attempt}`;
    assert.ok(this.asked, `runs although it is not scheduled: ${about}`);
    assert.ok(!this.isPaused && !isTemplatePaused, `runs although it is paused: ${about}`);
    assert.ok(seen.at >= seen.scheduledAt, `too early: ${about}`);
    assert.ok(seen.trigger !== null || this.isOnGrid(seen.scheduledAt), `off the grid: ${about}`);
    assert.ok(!this.settled.has(key), `again although it had succeeded: ${about}`);
    assert.ok(seen.attempt > (this.attempts.get(seen.executionId) ?? 0), `attempts do not grow: ${about}`);
    if (this.isAtMostOnce) assert.ok(!this.started.has(key), `twice, at most once: ${about}`);
    else
      for (const other of this.running)
        assert.ok(other.leaseEnd <= seen.at, `two at once: ${about}, beside ${other.key}`);
    this.started.add(key);
    this.attempts.set(seen.executionId, seen.attempt);
    const running = { key, isAtMostOnce: this.isAtMostOnce, leaseEnd: seen.at + this.leaseMs };
    this.running.push(running);
    return running;
  }

  /** A handler has ended, in a process that lives. */
  end(running: Running, hasSucceeded: boolean, now: number): void {
    const isHeld = this.running.includes(running) && now < running.leaseEnd;
    this.running = this.running.filter((other) => other !== running);
    if (!hasSucceeded) return;
    this.succeeded.add(running.key);
    if (isHeld) this.settled.add(running.key);
  }

  hasStarted(key: string): boolean {
    return this.started.has(key);
  }

  /** The moment of the once-off that is asked for. */
  get onceAt(): number {
    return (this.anchors[0] ?? Number.NaN) + (this.asked?.ms ?? Number.NaN);
  }

  private isOnGrid(at: number): boolean {
    const { asked } = this;
    if (asked === null) return false;
    if (asked.kind === 'cron') return at % asked.ms === 0;
    if (asked.kind === 'once') return at === this.onceAt;
    return this.anchors.some((anchor) => at > anchor && (at - anchor) % asked.ms === 0);
  }

  /** The row is gone or made anew: its leases are over, and a trigger that waited went with it. */
  private forget(): void {
    this.running = [];
    this.lastTrigger = null;
  }
}
