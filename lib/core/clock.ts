import { type DurationLike, toMilliseconds } from './duration.js';

/** Where time comes from. `SystemClock` by default, `TestClock` (`nestjs-pyncette/testing`) in tests. */
export interface Clock {
  /** The present moment in epoch milliseconds. */
  now(): number;

  /**
   * Resolves after `duration` has passed on this clock; longer than 2^31-1 ms works.
   *
   * @throws `signal.reason`, when the signal is aborted first.
   */
  sleep(duration: DurationLike, signal?: AbortSignal): Promise<void>;
}

/** What an idle loop tells a clock that is turned by hand, so that empty polls need not be stepped through. */
export interface IdleWait {
  /** When the loop polls next even if nothing is known to be due. */
  readonly pollInMs: number;
  /** How often it would poll from then on. */
  readonly pollIntervalMs: number;
  /** In how long the next thing that the loop knows of is due, null if it knows of none. */
  readonly dueInMs: number | null;
  readonly signal: AbortSignal;
}

/** A clock that is turned by hand, and therefore has to know when everything that became runnable has come to rest. */
export interface ObservingClock extends Clock {
  /** Runs `work`; the clock does not move on before it has ended or waits in `sleep`. */
  track<T>(label: string, work: () => Promise<T>): Promise<T>;
  /** Like `sleep`, for a loop that has nothing to do. */
  idle(wait: IdleWait): Promise<void>;
  /** Answers what runs work as part of what is going on now: its sleeping is that of the same. */
  here(): (work: () => void) => void;
  /** Runs `work` so that its sleeping is not taken for the sleeping of what called it. */
  apart<T>(work: () => T): T;
}

const isObserving = (clock: Clock): clock is ObservingClock => 'track' in clock && 'idle' in clock;

/** Runs `work` in sight of a clock that is turned by hand; with any other clock, just runs it. */
export function tracked<T>(clock: Clock, label: string, work: () => Promise<T>): Promise<T> {
  return isObserving(clock) ? clock.track(label, work) : work();
}

/** Work that says by a call when it has ended. */
export interface TrackedWork {
  readonly trackedAs: string;
  /** `done`: null when nobody waits for the end. */
  begin(done: (() => void) | null): void;
}

/** The same for work that says by a call when it has ended. */
export function trackedUntilDone(clock: Clock, work: TrackedWork): void {
  if (!isObserving(clock)) return work.begin(null);
  void clock.track(work.trackedAs, () => new Promise<void>((resolve) => work.begin(resolve)));
}

/** What runs work later as part of what is going on now. */
export const partOfThis = (clock: Clock): ((work: () => void) => void) =>
  isObserving(clock) ? clock.here() : atOnce;

const atOnce = (work: () => void): void => work();

/** Begins something that goes on beside what called it: a loop, a heartbeat. */
export function apart<T>(clock: Clock, work: () => T): T {
  return isObserving(clock) ? clock.apart(work) : work();
}

/** Waits until the next due moment or the next poll, whichever comes first. */
export function idle(clock: Clock, wait: IdleWait): Promise<void> {
  if (isObserving(clock)) return clock.idle(wait);
  const inMs = Math.min(wait.pollInMs, wait.dueInMs ?? Number.POSITIVE_INFINITY);
  return clock.sleep(Math.max(1, Math.ceil(inMs)), wait.signal);
}

/** Milliseconds on a clock that nobody sets, from no particular moment: for measuring how long something takes. */
export const stopwatch = (): number => performance.now();

/** What `work` comes to; `tooLate` where it takes longer than `limitMs` of this machine's time, whatever becomes of it then. */
export async function within<T>(limitMs: number, work: Promise<T>, tooLate: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tooLate()), limitMs).unref();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Node's timers fire at once when given more than this (2^31-1 ms). */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The time of this machine. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  async sleep(duration: DurationLike, signal?: AbortSignal): Promise<void> {
    let remainingMs = typeof duration === 'number' ? duration : toMilliseconds(duration);
    do {
      const stepMs = Math.min(remainingMs, LONGEST_TIMER_MS);
      await timer(stepMs, signal);
      remainingMs -= stepMs;
    } while (remainingMs > 0);
  }
}

function timer(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = (): void => {
      clearTimeout(handle);
      reject(signal?.reason);
    };
    const handle = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
