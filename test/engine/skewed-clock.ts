import type { IdleWait, ObservingClock } from '../../lib/core/clock.js';
import type { DurationLike } from '../../lib/core/duration.js';
import type { TestClock } from '../../lib/testing/test-clock.js';

/** The clock of a machine that is wrong: by so much, and with timers that fire too early. */
export class SkewedClock implements ObservingClock {
  constructor(
    private readonly right: TestClock,
    private readonly wrong: { readonly byMs?: number; readonly earlyMs?: number },
  ) {}

  now(): number {
    return this.right.now() + (this.wrong.byMs ?? 0);
  }

  sleep(duration: DurationLike, signal?: AbortSignal): Promise<void> {
    return this.right.sleep(duration, signal);
  }

  track<T>(label: string, work: () => Promise<T>): Promise<T> {
    return this.right.track(label, work);
  }

  idle(wait: IdleWait): Promise<void> {
    const { earlyMs = 0 } = this.wrong;
    const dueInMs =
      wait.dueInMs === null ? null : wait.dueInMs > earlyMs ? wait.dueInMs - earlyMs : wait.dueInMs;
    return this.right.idle({ ...wait, dueInMs });
  }

  here(): (work: () => void) => void {
    return this.right.here();
  }

  apart<T>(work: () => T): T {
    return this.right.apart(work);
  }
}
