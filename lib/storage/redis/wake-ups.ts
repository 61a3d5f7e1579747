import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import type { RedisClient } from './repository-options.js';

/** How long at least between two messages of one process. */
const GAP_MS = 10;

/** Tells other processes what becomes due soon, and hears what they say. What gets lost is found by the next poll. */
export class WakeUps {
  private readonly sender = randomBytes(6).toString('base64url');
  private subscriber: RedisClient | null = null;
  private pending: number | null = null;
  /** What others were told to wake up for; they learn of anything later when they look. */
  private told = Number.NEGATIVE_INFINITY;
  private isSending = false;

  constructor(
    private readonly connection: Connection,
    private readonly link: Link,
    private readonly keys: Keys,
    private readonly now: () => number,
    private readonly onDue: (dueAt: number) => void,
  ) {}

  /** Subscribes; a connection that is lost subscribes again by itself. */
  async listen(): Promise<void> {
    const subscriber = this.connection.duplicate();
    this.subscriber = subscriber;
    subscriber.on('message', (_channel: string, message: string) => this.hear(message));
    await this.link.trip(() => subscriber.subscribe(this.keys.channel));
  }

  /** Returns at once. Of moments that are announced together only the nearest is told. */
  announce(dueAt: number): void {
    if (this.told <= dueAt && this.told > this.now()) return;
    this.pending = Math.min(this.pending ?? dueAt, dueAt);
    if (!this.isSending) void this.send();
  }

  close(): void {
    this.subscriber?.disconnect();
    this.subscriber = null;
  }

  private async send(): Promise<void> {
    this.isSending = true;
    while (this.pending !== null) {
      const dueAt = this.pending;
      this.pending = null;
      await this.publish(dueAt).catch(() => undefined);
      await sleep(GAP_MS, undefined, { ref: false });
    }
    this.isSending = false;
  }

  private async publish(dueAt: number): Promise<void> {
    await this.link.trip(() => this.link.command('publish', this.keys.channel, `${this.sender} ${dueAt}`));
    this.told = dueAt;
  }

  private hear(message: string): void {
    const [sender, moment] = message.split(' ');
    const dueAt = Number(moment);
    if (sender !== this.sender && Number.isFinite(dueAt)) this.onDue(dueAt);
  }
}
