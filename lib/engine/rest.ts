import { setImmediate } from 'node:timers/promises';
import { type Clock, idle, stopwatch } from '../core/clock.js';

/** How long a rest is to be. */
export interface RestLength {
  readonly pollInMs: number;
  readonly pollIntervalMs: number;
  readonly dueInMs: number | null;
}

/** Why a rest ends early. Given, for an abort without a reason makes an exception each time. */
const WOKEN = new Error('woken');

/** From which length on a rest ends exactly: what is left of the last millisecond costs work, and rests this long are at most fifty a second. */
const EXACT_FROM_MS = 20;

/** What is left of a rest when no timer is trusted with it any more. */
const TIMER_ERROR_MS = 3;

/** A rest of the loop: until something is due or the next poll is, or until it is woken. */
export class Rest {
  /** By the repository's clock. */
  readonly until: number;
  private readonly abort = new AbortController();

  constructor(
    from: number,
    private readonly length: RestLength,
  ) {
    this.until = from + Math.min(length.pollInMs, length.dueInMs ?? length.pollInMs);
  }

  wake(): void {
    // Every abort makes an exception, the ones that change nothing too.
    if (!this.abort.signal.aborted) this.abort.abort(WOKEN);
  }

  /** `exactNow`: the repository's time; null where that is no time that passes by itself. */
  async take(clock: Clock, exactNow: (() => number) | null): Promise<void> {
    const { signal } = this.abort;
    const { dueInMs, pollInMs } = this.length;
    const isExact = dueInMs !== null && dueInMs <= pollInMs && dueInMs >= EXACT_FROM_MS;
    try {
      if (isExact && exactNow !== null) await this.untilDue(clock, exactNow);
      else await idle(clock, { ...this.length, signal });
    } catch {
      // Woken.
    }
  }

  /**
   * Timers know whole milliseconds only, and count from the beginning of their turn: the last of them are passed turn by turn of the event
   * loop. Never for longer than it was to be: the repository's clock may be set back, or stand still where another application turns it.
   */
  private async untilDue(clock: Clock, exactNow: () => number): Promise<void> {
    const { signal } = this.abort;
    const endAt = stopwatch() + this.until - exactNow() + TIMER_ERROR_MS;
    for (;;) {
      const leftMs = Math.min(this.until - exactNow(), endAt - stopwatch());
      if (!(leftMs > 0) || signal.aborted) return;
      await (leftMs > TIMER_ERROR_MS ? clock.sleep(Math.floor(leftMs), signal) : setImmediate());
    }
  }
}
