import { setTimeout as sleep } from 'node:timers/promises';

/** How long at least between two messages of one process. */
const GAP_MS = 10;

/**
 * Tells other processes what becomes due soon: of moments that are announced together only the nearest, and nothing that they have been
 * told to wake up for already, for they learn of everything else when they look. What gets lost is found by the next poll.
 */
export class Announcer {
  private pending: number | null = null;
  private told = Number.NEGATIVE_INFINITY;
  private isSending = false;

  constructor(
    private readonly publish: (dueAt: number) => Promise<unknown>,
    private readonly now: () => number,
  ) {}

  /** Returns at once. */
  announce(dueAt: number): void {
    if (this.told <= dueAt && this.told > this.now()) return;
    this.pending = Math.min(this.pending ?? dueAt, dueAt);
    if (!this.isSending) void this.send();
  }

  private async send(): Promise<void> {
    this.isSending = true;
    while (this.pending !== null) {
      const dueAt = this.pending;
      this.pending = null;
      await this.publish(dueAt).then(
        () => (this.told = dueAt),
        () => undefined,
      );
      await sleep(GAP_MS, undefined, { ref: false });
    }
    this.isSending = false;
  }
}
