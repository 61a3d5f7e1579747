import { SystemClock, stopwatch } from '../core/clock.js';

/** How fast two clocks may drift apart: 200 ms in a thousand seconds is more than any quartz does. */
const DRIFT = 0.0002;

/**
 * The database's time, as far as it can be known here: what it said last, and how long ago by a clock that nobody sets. A better
 * measurement replaces a worse one, and every one becomes worse with time.
 */
export class ServerTime {
  private offsetMs: number = new SystemClock().now() - stopwatch();
  private uncertaintyMs = Number.POSITIVE_INFINITY;
  private measuredAt = 0;

  now(): number {
    return Math.floor(stopwatch() + this.offsetMs);
  }

  /** Measures: `ask` answers the database's time, among other things. */
  async measure<T>(ask: () => Promise<T>, timeOf: (answer: T) => number): Promise<T> {
    const sentAt = stopwatch();
    const answer = await ask();
    this.learn(sentAt, stopwatch(), timeOf(answer));
    return answer;
  }

  private learn(sentAt: number, receivedAt: number, serverAt: number): void {
    const uncertaintyMs = (receivedAt - sentAt) / 2;
    if (uncertaintyMs > this.uncertaintyMs + (receivedAt - this.measuredAt) * DRIFT) return;
    this.offsetMs = serverAt - (sentAt + receivedAt) / 2;
    this.uncertaintyMs = uncertaintyMs;
    this.measuredAt = receivedAt;
  }
}
