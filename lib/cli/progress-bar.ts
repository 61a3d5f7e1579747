import type { WriteStream } from 'node:tty';
import { stopwatch } from '../core/clock.js';

const WIDTH = 30;

/** A bar is drawn anew so often at most, a line written so often. */
const REDRAWN_MS = 100;
const REPEATED_MS = 5_000;

/** How far something has come: a bar in a terminal, now and then a line elsewhere. What ends at once says nothing elsewhere. */
export class ProgressBar {
  private done = 0;
  private shownAt: number;

  constructor(
    private readonly stream: WriteStream,
    private readonly what: string,
    /** null: nobody knows. */
    private readonly total: number | null,
  ) {
    this.shownAt = stream.isTTY ? Number.NEGATIVE_INFINITY : stopwatch();
  }

  show(done: number): void {
    this.done = done;
    const { isTTY } = this.stream;
    if (stopwatch() - this.shownAt < (isTTY ? REDRAWN_MS : REPEATED_MS)) return;
    this.shownAt = stopwatch();
    this.stream.write(isTTY ? `\r${this.text()}\u001B[K` : `${this.text()}\n`);
  }

  /** Leaves the bar as it is at the end; what of it was not begun leaves nothing. */
  end(): void {
    if (this.stream.isTTY && this.done > 0) this.stream.write(`\r${this.text()}\u001B[K\n`);
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.stream.isTTY) this.stream.write('\r\u001B[K');
  }

  private text(): string {
    const done = this.done.toLocaleString('en');
    if (this.total === null) return `${this.what} ${done}`;
    const share = this.total === 0 ? 1 : Math.min(1, this.done / this.total);
    const filled = Math.round(share * WIDTH);
    const bar = this.stream.isTTY ? `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ` : '';
    return `${this.what} ${bar}${done} of ${this.total.toLocaleString('en')} (${Math.floor(share * 100)} %)`;
  }
}
