import { AsyncLocalStorage } from 'node:async_hooks';
import { DateTime } from 'luxon';
import { type DurationLike, toMilliseconds } from '../core/duration.js';
import type { IdleWait, ObservingClock } from '../core/clock.js';
import { Activities, type Activity } from './activities.js';

/** Somebody who waits on the clock. */
interface Sleeper {
  /** When to wake it, given where the clock is headed. */
  wakesAt(target: number): number;
  wake(): void;
  /** A scheduler that has nothing to do. */
  readonly isIdle: boolean;
}

/**
 * Time that passes when a test says so. Given as the module's `clock`, it decides for the scheduler and its repository.
 *
 * `advance` walks through every wake-up in order and waits at each until everything that became runnable, in every application
 * on this clock, has finished or waits on the clock again.
 */
export class TestClock implements ObservingClock {
  private moment: number;
  private readonly sleepers = new Set<Sleeper>();
  private readonly activities = new Activities();
  private readonly current = new AsyncLocalStorage<Activity>();
  /** What had happened when the clock last woke somebody: a poll may not have seen what has happened since. */
  private worksAtWake = 0;
  private advancing: Promise<void> = Promise.resolve();

  /** @param start where the clock begins: an ISO 8601 string (UTC unless it says otherwise), a `Date` or epoch milliseconds. */
  constructor(start: string | Date | number = '2026-01-01T00:00:00Z') {
    this.moment =
      typeof start === 'string' ? DateTime.fromISO(start, { zone: 'utc' }).toMillis() : start.valueOf();
    if (!Number.isFinite(this.moment))
      throw new RangeError(`${String(start)} is not a moment a TestClock can start at`);
  }

  /** Where the clock stands, in epoch milliseconds. */
  now(): number {
    return this.moment;
  }

  /**
   * Resolves when the clock has been moved past `duration` from now; never, when that is infinite.
   *
   * @throws `signal.reason` when that is aborted first; RangeError when `duration` is none
   */
  sleep(duration: DurationLike, signal?: AbortSignal): Promise<void> {
    const until = this.moment + toSleep(duration);
    return this.wait({ wakesAt: () => until, isIdle: false }, signal, this.current.getStore());
  }

  /**
   * Moves the clock by `duration`, through every wake-up in order. Idle polls are not stepped through.
   *
   * @throws Error naming what neither finished nor sleeps, after five seconds of real time without progress.
   */
  advance(duration: DurationLike): Promise<void> {
    return this.inTurn(() => this.advanceTo(this.moment + toMilliseconds(duration)));
  }

  /** Moves the clock by `duration` at once, as if the process had been away, and lets what is due then run. */
  jump(duration: DurationLike): Promise<void> {
    return this.inTurn(async () => {
      await this.activities.rest();
      this.moment += toMilliseconds(duration);
      await this.advanceTo(this.moment);
    });
  }

  /** For the scheduler: the clock does not move on before `work` has ended or sleeps. */
  track<T>(label: string, work: () => Promise<T>): Promise<T> {
    const activity = this.activities.begin(label);
    const ended = this.current.run(activity, work);
    const end = (): void => this.activities.end(activity);
    ended.then(end, end);
    return ended;
  }

  /** For the scheduler: waits like `sleep`, but empty polls need not be stepped through. */
  idle({ pollInMs, pollIntervalMs, dueInMs, signal }: IdleWait): Promise<void> {
    const pollAt = this.moment + Math.max(1, Math.ceil(pollInMs));
    const dueAt = dueInMs === null ? Number.POSITIVE_INFINITY : this.moment + Math.max(1, Math.ceil(dueInMs));
    const works = this.worksAtWake;
    const lastPoll = (target: number): number =>
      target < pollAt ? pollAt : pollAt + Math.floor((target - pollAt) / pollIntervalMs) * pollIntervalMs;
    const poll = (target: number): number => (this.activities.works === works ? lastPoll(target) : pollAt);
    return this.wait({ wakesAt: (target) => Math.min(dueAt, poll(target)), isIdle: true }, signal, undefined);
  }

  /** For the scheduler: runs work later as part of what is going on now. */
  here(): (work: () => void) => void {
    const activity = this.current.getStore();
    return (work) => (activity === undefined ? this.current.exit(work) : this.current.run(activity, work));
  }

  /** For the scheduler: what `work` begins does not sleep on behalf of who called it. */
  apart<T>(work: () => T): T {
    return this.current.exit(work);
  }

  private wait(
    how: Pick<Sleeper, 'wakesAt' | 'isIdle'>,
    signal: AbortSignal | undefined,
    activity: Activity | undefined,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = (): void => {
        this.sleepers.delete(sleeper);
        signal?.removeEventListener('abort', abort);
        this.activities.woke(activity);
      };
      const abort = (): void => {
        leave();
        reject(signal?.reason);
      };
      const sleeper: Sleeper = { ...how, wake: () => (leave(), resolve()) };
      this.sleepers.add(sleeper);
      this.activities.slept(activity);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  private inTurn(move: () => Promise<void>): Promise<void> {
    const moved = this.advancing.catch(() => undefined).then(() => this.current.exit(move));
    this.advancing = moved;
    return moved;
  }

  private async advanceTo(target: number): Promise<void> {
    await this.activities.rest();
    this.wake(({ isIdle }) => isIdle);
    await this.activities.rest();
    for (let next = this.nextWake(target); next <= target; next = this.nextWake(target)) {
      this.moment = Math.max(this.moment, next);
      this.wake((sleeper) => sleeper.wakesAt(target) <= this.moment);
      await this.activities.rest();
    }
    this.moment = target;
  }

  private wake(isMeant: (sleeper: Sleeper) => boolean): void {
    this.worksAtWake = this.activities.works;
    for (const sleeper of [...this.sleepers].filter(isMeant)) sleeper.wake();
  }

  private nextWake(target: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const sleeper of this.sleepers) next = Math.min(next, sleeper.wakesAt(target));
    return next;
  }
}

/** Numbers as they are: one below zero is a moment that has passed. */
const toSleep = (duration: DurationLike): number =>
  typeof duration === 'number' && duration > Number.NEGATIVE_INFINITY ? duration : toMilliseconds(duration);
