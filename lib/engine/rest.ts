import { setImmediate } from 'node:timers/promises';
import { type Clock, idle } from '../core/clock.js';

/** How long a rest is to be. */
export interface RestLength {
  readonly pollInMs: number;
  readonly pollIntervalMs: number;
  readonly dueInMs: number | null;
}

/** Why a rest ends early. Given, for an abort without a reason makes an exception each time. */
const WOKEN = new Error('woken');

/** A timer may fire this much before its time is over, which is in whole milliseconds; what is left beyond that is left out. */
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
    const isForDue = dueInMs !== null && dueInMs <= pollInMs;
    try {
      if (isForDue && exactNow !== null) await this.untilDue(clock, exactNow);
      else await idle(clock, { ...this.length, signal });
    } catch {
      // Woken.
    }
  }

  /** Timers know whole milliseconds only, and round: the last fraction is passed turn by turn of the event loop. */
  private async untilDue(clock: Clock, exactNow: () => number): Promise<void> {
    const { signal } = this.abort;
    const wholeMs = Math.floor(this.until - exactNow());
    if (wholeMs > 0) await clock.sleep(wholeMs, signal);
    let leftMs = this.until - exactNow();
    while (leftMs > 0 && leftMs < TIMER_ERROR_MS && !signal.aborted) {
      await setImmediate();
      leftMs = this.until - exactNow();
    }
  }
}
