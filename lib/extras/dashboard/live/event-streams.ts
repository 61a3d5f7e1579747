import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../core/clock.js';
import { STREAM_CLOCK } from '../dashboard.constants.js';
import type { WebRequest } from '../web-request.js';
import { answerJson, takeOver } from '../web-response.js';
import { EventStream } from './event-stream.js';
import { LiveFeed } from './live-feed.js';

/** How often a page is told what happened, at most. */
const FRAME_MS = 500;
/** Most pages that are told by one process. */
const MOST_STREAMS = 200;

/**
 * Server-sent events. Each page has a cursor of its own: who comes back with the `Last-Event-ID` it saw is told what it missed, who
 * reads slowly is told less often. With nobody watching, nothing runs.
 */
@Injectable()
export class EventStreams implements OnModuleDestroy {
  private readonly streams = new Set<EventStream>();
  /** Cursors of another life of this process, or of another process, mean nothing here. */
  private readonly life = randomBytes(6).toString('base64url');
  private readonly end = new AbortController();
  private isTelling = false;

  constructor(
    @Inject(LiveFeed) private readonly feed: LiveFeed,
    @Inject(STREAM_CLOCK) private readonly clock: Clock,
  ) {}

  /** Begins to tell a page. */
  open(request: WebRequest, response: unknown): void {
    if (this.end.signal.aborted || this.streams.size >= MOST_STREAMS)
      return answerJson(response, 503, {
        message: 'No more pages can be told what happens: try again later',
      });
    const raw = takeOver(response);
    const isBodyless = request.method === 'HEAD';
    const cursor = this.cursorOf(request.header('last-event-id') ?? request.query.get('since'));
    const stream = new EventStream(raw, cursor, this.clock.now(), () => this.streams.delete(stream));
    if (isBodyless) return stream.close();
    this.streams.add(stream);
    this.tell(stream, new Map());
    void this.telling();
  }

  /** Pages ask again, and find the next process, or this one no more. */
  onModuleDestroy(): void {
    this.end.abort();
    for (const stream of this.streams) stream.close();
  }

  private async telling(): Promise<void> {
    if (this.isTelling) return;
    this.isTelling = true;
    while (this.streams.size > 0 && !this.end.signal.aborted) {
      const isOver = await this.clock.sleep(FRAME_MS, this.end.signal).then(
        () => false,
        () => true,
      );
      if (isOver) break;
      const frames = new Map<number | null, string>();
      for (const stream of this.streams) this.tell(stream, frames);
    }
    this.isTelling = false;
  }

  /** Pages that were told as much as others get the same text. */
  private tell(stream: EventStream, frames: Map<number | null, string>): void {
    const now = this.clock.now();
    if (stream.isOver(now)) return stream.close();
    const { seq, isSomethingRunning } = this.feed;
    if (stream.isBusy || (stream.cursor === seq && !stream.isQuiet(now, isSomethingRunning))) return;
    const text =
      frames.get(stream.cursor) ??
      `id: ${this.life}.${seq}\nevent: frame\ndata: ${JSON.stringify(this.feed.since(stream.cursor))}\n\n`;
    frames.set(stream.cursor, text);
    stream.write(text, seq, now);
  }

  private cursorOf(id: string | null): number | null {
    const [life, seq] = (id ?? '').split('.');
    const cursor = Number(seq);
    return life === this.life && Number.isSafeInteger(cursor) && cursor >= 0 && cursor <= this.feed.seq
      ? cursor
      : null;
  }
}
