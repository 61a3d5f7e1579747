import { SystemClock, stopwatch } from '../core/clock.js';

/** How fast two clocks may drift apart: 200 ms in a thousand seconds is more than any quartz does. */
const DRIFT = 0.0002;

/** From when until when a question was with the database, by its own time: what is left of the round trip is the way there and back. */
export interface ServerStay {
  readonly from: number;
  readonly until: number;
}

/**
 * The database's time, as far as it can be known here: what it said last, and how long ago by a clock that nobody sets. A better
 * measurement replaces a worse one, and every one becomes worse with time.
 */
export class ServerTime {
  private offsetMs: number = new SystemClock().now() - stopwatch();
  private uncertaintyMs = Number.POSITIVE_INFINITY;
  private measuredAt = 0;

  now(): number {
    return Math.floor(this.exactNow());
  }

  /** With fractions of a millisecond. */
  exactNow(): number {
    return stopwatch() + this.offsetMs;
  }

  /** Measures: `ask` answers the database's time, among other things. */
  async measure<T>(ask: () => Promise<T>, timeOf: (answer: T) => number | ServerStay): Promise<T> {
    const sentAt = stopwatch();
    const answer = await ask();
    const time = timeOf(answer);
    this.learn(sentAt, stopwatch(), typeof time === 'number' ? { from: time, until: time } : time);
    return answer;
  }

  private learn(sentAt: number, receivedAt: number, { from, until }: ServerStay): void {
    const uncertaintyMs = Math.max(0, receivedAt - sentAt - (until - from)) / 2;
    if (uncertaintyMs > this.uncertaintyMs + (receivedAt - this.measuredAt) * DRIFT) return;
    this.offsetMs = (from + until) / 2 - (sentAt + receivedAt) / 2;
    this.uncertaintyMs = uncertaintyMs;
    this.measuredAt = receivedAt;
  }
}
