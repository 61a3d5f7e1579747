import { randomBytes } from 'node:crypto';
import { Announcer } from '../announcer.js';
import type { Connection } from './connection.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import type { RedisClient } from './repository-options.js';

/** Tells other processes what becomes due soon, and hears what they say. What gets lost is found by the next poll: a lost connection makes one. */
export class WakeUps {
  private readonly sender = randomBytes(6).toString('base64url');
  private subscriber: RedisClient | null = null;
  private readonly announcer: Announcer;

  constructor(
    private readonly connection: Connection,
    private readonly link: Link,
    private readonly keys: Keys,
    private readonly now: () => number,
    private readonly onDue: (dueAt: number) => void,
  ) {
    this.announcer = new Announcer((dueAt) => this.publish(dueAt), now);
  }

  /** Subscribes, and again with each connection that follows one that was lost. */
  async listen(): Promise<void> {
    const subscriber = this.connection.duplicate();
    this.subscriber = subscriber;
    subscriber.on('message', (_channel: string, message: string) => this.hear(message));
    const subscribe = (): Promise<unknown> => subscriber.subscribe(this.keys.channel);
    await this.link.trip(subscribe);
    // What was said meanwhile is lost: something may be due.
    const again = (): Promise<void> => subscribe().then(() => this.onDue(this.now()));
    subscriber.on('ready', () => void again().catch(() => undefined));
  }

  /** Returns at once. Of moments that are announced together only the nearest is told. */
  announce(dueAt: number): void {
    this.announcer.announce(dueAt);
  }

  close(): void {
    this.subscriber?.disconnect();
    this.subscriber = null;
  }

  private async publish(dueAt: number): Promise<void> {
    await this.link.trip(() => this.link.command('publish', this.keys.channel, `${this.sender} ${dueAt}`));
  }

  private hear(message: string): void {
    const [sender, moment] = message.split(' ');
    const dueAt = Number(moment);
    if (sender !== this.sender && Number.isFinite(dueAt)) this.onDue(dueAt);
  }
}
