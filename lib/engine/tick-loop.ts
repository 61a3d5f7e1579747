import { setImmediate } from 'node:timers/promises';
import { apart, tracked } from '../core/clock.js';
import type { ClaimResult } from '../core/task-repository.js';
import { BackOff } from './back-off.js';
import type { EngineContext } from './engine-context.js';
import type { Executor } from './executor.js';
import { Rest } from './rest.js';
import type { TaskRegistry } from './task-registry.js';

/** What a poll found out. */
interface Polled {
  /** Epoch milliseconds; null: nothing is known to become due. */
  readonly nextDueAt: number | null;
  /** More was due than there was room for. */
  readonly isLimited: boolean;
  readonly claimed: number;
}

/** What has to happen before each poll: tasks of new modules, a repository that is not open yet. */
export type Preparation = () => Promise<void>;

/**
 * Polls, starts what it claims, and rests until the next due moment it knows of, at most the poll interval. It polls again at
 * once while more is due than it could claim, and is woken when something nearer is scheduled or a slot becomes free.
 */
export class TickLoop {
  lastTick: number | null = null;
  private lastPollAt = Number.NEGATIVE_INFINITY;
  private running: Promise<void> | null = null;
  private polling: Promise<unknown> = Promise.resolve();
  private stopping = new AbortController();
  private rest: Rest | null = null;
  private isWoken = false;
  private isPolling = false;
  private isLimited = false;
  private nearestDueAt: number | null = null;
  private readonly backOff = new BackOff();
  /** How much of its first rest a process leaves out, so that those which start together do not go on polling together. */
  private phase = 0;

  constructor(
    private readonly engine: EngineContext,
    private readonly registry: TaskRegistry,
    private readonly executor: Executor,
    private readonly prepare: Preparation,
  ) {}

  get isRunning(): boolean {
    return this.running !== null;
  }

  /** A poll has succeeded within two poll intervals; one that is merely slow, and began in time, counts. */
  get isHealthy(): boolean {
    if (this.lastTick === null || this.engine.watch.isDown) return false;
    const now = this.engine.watch.repository.now();
    const patienceMs = 2 * this.engine.settings.pollIntervalMs;
    if (now - this.lastTick <= patienceMs) return true;
    return (
      this.isPolling &&
      this.lastPollAt - this.lastTick <= patienceMs &&
      now - this.lastPollAt <= SLOWEST_POLL_MS
    );
  }

  start(): void {
    if (this.running !== null) return;
    this.stopping = new AbortController();
    this.phase = this.engine.settings.isClockGiven ? 0 : Math.random();
    this.running = apart(this.engine.settings.clock, () => this.loop(this.stopping.signal));
  }

  /** Resolves when the poll under way has ended and no other follows. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.rest?.wake();
    await this.running;
    await this.polling.catch(() => undefined);
    this.running = null;
  }

  /** Polls once; rejects when the store fails. */
  tick(): Promise<void> {
    return this.pollInTurn().then(() => undefined);
  }

  /** Something may be claimable now, as soon as there is room for it. */
  wake(): void {
    this.isWoken = true;
    if (this.executor.free > 0) this.rest?.wake();
  }

  /** Something becomes due at a moment that the last poll may not have known of. */
  expect(dueAt: number): void {
    this.nearestDueAt = Math.min(this.nearestDueAt ?? dueAt, dueAt);
    if (this.rest !== null && dueAt < this.rest.until) this.wake();
  }

  /** A slot is free again. */
  onFree(): void {
    if ((this.isLimited || this.isWoken) && this.executor.free > 0) this.wake();
  }

  private async loop(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        const polled = await this.pollInTurn();
        this.backOff.reset();
        if (!stop.aborted) await this.rests(polled);
        // A store in memory answers without the event loop: a long replay must not keep timers and requests waiting.
        await setImmediate();
      } catch {
        if (!stop.aborted) await this.sleepUntilStopped(this.backOff.nextMs(), stop);
      }
    }
  }

  private pollInTurn(): Promise<Polled> {
    const before = this.polling;
    const poll = tracked(this.engine.settings.clock, 'a poll', async () => {
      await before.catch(() => undefined);
      return this.poll();
    });
    this.polling = poll;
    return poll;
  }

  private async poll(): Promise<Polled> {
    const { watch, events } = this.engine;
    const beganAt = watch.repository.now();
    this.isPolling = true;
    this.isWoken = false;
    this.nearestDueAt = null;
    this.lastPollAt = beganAt;
    try {
      await this.prepare();
      const polled = await this.claim();
      const at = watch.repository.now();
      this.lastTick = at;
      this.executor.checkLeases(at);
      events.emit({ type: 'tick:finished', at, claimed: polled.claimed, durationMs: at - beganAt });
      return polled;
    } catch (error) {
      events.emit({ type: 'tick:failed', at: watch.repository.now(), error });
      throw error;
    } finally {
      this.isPolling = false;
    }
  }

  private async claim(): Promise<Polled> {
    const { settings, watch, owner } = this.engine;
    const limit = Math.min(settings.batchSize, this.executor.free);
    const tasks = this.registry.claimable(settings.batchSize);
    const transactionLimit = this.registry.transactionLimit;
    const request = { tasks, limit, transactionLimit, owner };
    const result = await watch.call('claim', (repository) => repository.claimDue(request));
    await this.executor.accept(result);
    // A full batch says nothing about what it left.
    const isFull = limit > 0 && result.claimed.length >= limit;
    const hasMore = isFull || (result.nextDueAt !== null && result.nextDueAt <= result.claimedAt);
    this.isLimited = hasMore || this.executor.free === 0 || this.registry.all.some(({ free }) => free === 0);
    return { nextDueAt: earliestOf(result), isLimited: hasMore, claimed: result.claimed.length };
  }

  private async rests(polled: Polled): Promise<void> {
    if (this.isWoken && this.executor.free > 0) return;
    const { settings } = this.engine;
    const now = this.engine.watch.repository.now();
    if (polled.isLimited && polled.claimed > 0 && this.executor.free > 0) return;
    // What a settlement has made due while the poll was under way: a poll at once, one for each, so that nothing spins.
    if (this.nearestDueAt !== null && this.nearestDueAt <= now && this.executor.free > 0) return;
    const intervalMs = settings.pollIntervalMs * (1 - this.phase);
    this.phase = 0;
    const pollInMs = Math.max(1, this.lastPollAt + intervalMs - now);
    const dueInMs = this.dueInMs(polled, now);
    this.rest = new Rest(now, { pollInMs, pollIntervalMs: settings.pollIntervalMs, dueInMs });
    await this.rest.take(settings.clock, settings.isClockGiven ? null : this.exactNow);
    this.rest = null;
  }

  private readonly exactNow = (): number => {
    const { repository } = this.engine.watch;
    return repository.exactNow?.() ?? repository.now();
  };

  /** In how long something is due for which there is room; at least a moment, so that nothing spins. */
  private dueInMs(polled: Polled, now: number): number | null {
    const known = polled.isLimited ? [this.nearestDueAt] : [polled.nextDueAt, this.nearestDueAt];
    const next = Math.min(...known.map((moment) => moment ?? Number.POSITIVE_INFINITY));
    if (polled.isLimited && this.executor.free > 0) return CONTENDED_MS;
    return Number.isFinite(next) && this.executor.free > 0 ? Math.max(1, next - now) : null;
  }

  private async sleepUntilStopped(delayMs: number, stop: AbortSignal): Promise<void> {
    await this.engine.settings.clock.sleep(delayMs, stop).catch(() => undefined);
  }
}

/** When to look again: for what waits, and for the ends of the leases just taken, which outlived executions lose. */
function earliestOf({ claimed, nextDueAt }: ClaimResult): number | null {
  let earliest = nextDueAt ?? Number.POSITIVE_INFINITY;
  for (const { row, isSettled } of claimed)
    if (!isSettled && row.lockedUntil !== null) earliest = Math.min(earliest, row.lockedUntil);
  return Number.isFinite(earliest) ? earliest : null;
}

/** A poll that takes longer than this is no longer merely slow. */
const SLOWEST_POLL_MS = 10_000;

/** How soon to look again when something was due but others took it. */
const CONTENDED_MS = 10;
