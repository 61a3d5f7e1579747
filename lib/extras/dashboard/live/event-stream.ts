import type { ServerResponse } from 'node:http';

/** Then the page has to show its guards again that it may see what it sees. It asks by itself and misses nothing. */
const LIFETIME_MS = 5 * 60_000;
/** A page that was told nothing for so long is told that there is nothing, so that it knows we are there. */
const QUIET_MS = 5_000;
/** While something runs: what has been running for long is worth telling. */
const QUIET_WHILE_RUNNING_MS = 1_000;
/** A page that takes nothing for so long is gone. */
const BUSY_MS = 30_000;
/** In how long a browser asks again. */
const RETRY_MS = 1_000;

/** One page that is told what happens. */
export class EventStream {
  /** Waits until the browser has taken what was written. */
  isBusy = false;
  private toldAt: number;

  constructor(
    private readonly response: ServerResponse,
    /** What it was told up to; null: nothing yet. */
    public cursor: number | null,
    private readonly openedAt: number,
    private readonly onClose: () => void,
  ) {
    this.toldAt = openedAt;
    response.statusCode = 200;
    response.setHeader('content-type', 'text/event-stream; charset=utf-8');
    // Neither compressed nor collected on the way: proxies and middleware would hold it back.
    response.setHeader('cache-control', 'no-store, no-transform');
    response.setHeader('x-accel-buffering', 'no');
    // A connection that stayed open after the last word would hold up the application's end.
    response.shouldKeepAlive = false;
    response.on('drain', () => (this.isBusy = false));
    response.on('error', () => this.onClose());
    response.on('close', () => this.onClose());
    response.flushHeaders();
    response.write(`retry: ${RETRY_MS}\n\n`);
  }

  isQuiet(now: number, isSomethingRunning: boolean): boolean {
    return now - this.toldAt >= (isSomethingRunning ? QUIET_WHILE_RUNNING_MS : QUIET_MS);
  }

  isOver(now: number): boolean {
    return now - this.openedAt >= LIFETIME_MS || (this.isBusy && now - this.toldAt >= BUSY_MS);
  }

  write(text: string, cursor: number, now: number): void {
    this.isBusy = !this.response.write(text);
    this.cursor = cursor;
    this.toldAt = now;
  }

  close(): void {
    this.onClose();
    if (this.isBusy) this.response.destroy();
    else this.response.end();
  }
}
