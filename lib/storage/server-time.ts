import { SystemClock, stopwatch } from '../core/clock.js';

/** How fast two clocks may drift apart: 200 ms in a thousand seconds is more than any quartz does. */
const DRIFT = 0.0002;

/** Databases may answer in whole milliseconds. */
const FLOORED_MS = 1;

/**
 * From when until when a database was busy with a question, by its own time: what is left of the round trip is the way there and back, and
 * what it does before and after.
 */
export interface ServerStay {
  readonly from: number;
  readonly until: number;
}

/**
 * The database's time, as far as it can be known here: what it said last, and how long ago by a clock that nobody sets. A better
 * measurement replaces a worse one, every one becomes worse with time, and one that cannot be true together with a new one is none.
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
    const uncertaintyMs = (receivedAt - sentAt - (until - from)) / 2;
    // Its clock was set meanwhile, or it is none.
    if (!(uncertaintyMs >= 0)) return;
    const offsetMs = (from + until) / 2 - (sentAt + receivedAt) / 2;
    const knownMs = this.uncertaintyMs + (receivedAt - this.measuredAt) * DRIFT;
    const wasSet = Math.abs(offsetMs - this.offsetMs) > uncertaintyMs + knownMs + FLOORED_MS;
    if (uncertaintyMs > knownMs && !wasSet) return;
    this.offsetMs = offsetMs;
    this.uncertaintyMs = uncertaintyMs;
    this.measuredAt = receivedAt;
  }
}
