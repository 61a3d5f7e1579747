import { EventEmitter } from 'node:events';
import { TestClock } from 'nestjs-pyncette/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EventStreams } from '../../lib/extras/dashboard/live/event-streams.js';
import { webRequest } from '../../lib/extras/dashboard/web-request.js';
import type { Frame } from '../../lib/extras/dashboard/wire.js';
import { type AdapterName, type Opened, open } from './open.js';

const ADAPTERS: AdapterName[] = ['express', 'fastify'];

interface Told {
  readonly id: string;
  readonly frame: Frame;
  readonly bytes: number;
}

/** Reads what a page is told; `next` answers null when the stream has ended. */
async function listen(opened: Opened, headers: Record<string, string> = {}, query = '') {
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const response = await fetch(`${opened.url}/pyncette/api/events${query}`, { headers, signal: end.signal });
  const events = read(response);
  return {
    response,
    next: async (): Promise<Told | null> => (await events.next()).value ?? null,
    leave: () => end.abort(),
  };
}

async function* read(response: Response): AsyncGenerator<Told, null> {
  let text = '';
  for await (const part of (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(
    new TextDecoderStream(),
  )) {
    text += part;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const [, id] = /^id: (.*)$/m.exec(block) ?? [];
      const [, data] = /^data: (.*)$/m.exec(block) ?? [];
      if (id !== undefined && data !== undefined)
        yield { id, frame: JSON.parse(data) as Frame, bytes: block.length };
    }
  }
  return null;
}

describe.each(ADAPTERS)('The stream on %s', (adapter) => {
  it('tells everything once, then what happened', async () => {
    const streamClock = new TestClock();
    const opened = await open({ adapter, streamClock });
    await opened.clock.advance('10s');
    const page = await listen(opened);
    expect(page.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(page.response.headers.get('cache-control')).toBe('no-store, no-transform');
    const first = await page.next();
    expect(first?.frame).toMatchObject({
      isWhole: true,
      now: opened.clock.now(),
      ended: [{ task: 'regular', outcome: 'succeeded' }],
      tallies: [{ task: 'regular', succeeded: 1, failed: 0 }],
    });
    await opened.pyncette.scheduleTask('greet', 'ada', {
      executeIn: '1s',
      args: { fails: true, name: 'ada' },
    });
    await opened.clock.advance('2s');
    await streamClock.advance('500ms');
    expect((await page.next())?.frame).toMatchObject({
      isWhole: false,
      ended: [{ task: 'greet', instance: 'ada', outcome: 'failed', error: 'Error: no greeting for ada' }],
      seconds: [{ started: 1, failed: 1, succeeded: 0 }],
      tallies: [{ task: 'greet', failed: 1 }],
    });
  });

  it('goes on where a page was, and tells everything to one that was elsewhere', async () => {
    const opened = await open({ adapter, streamClock: new TestClock() });
    await opened.clock.advance('10s');
    const page = await listen(opened);
    const id = (await page.next())?.id ?? '';
    page.leave();
    await opened.clock.advance('20s');
    const endedAt = (told: Told | null): unknown => [told?.frame.isWhole, told?.frame.ended.length];
    expect(endedAt(await (await listen(opened, { 'last-event-id': id })).next())).toEqual([false, 2]);
    expect(endedAt(await (await listen(opened, {}, `?since=${id}`)).next())).toEqual([false, 2]);
    for (const strange of ['other.1', `${id}999`, 'x', `${id.split('.')[0]}.-1`])
      expect(endedAt(await (await listen(opened, { 'last-event-id': strange })).next())).toEqual([true, 3]);
  });

  it('shows its guards again now and then: it ends, and the page asks for the rest', async () => {
    const streamClock = new TestClock();
    const opened = await open({ adapter, streamClock });
    const page = await listen(opened);
    const told = await page.next();
    await streamClock.advance('5m');
    let last: Told | null = told;
    for (let next: Told | null = told; next !== null; next = await page.next()) last = next;
    expect(last?.id).toBe(told?.id);
  });

  it('ends at once with the application, which does not wait for its pages', async () => {
    const opened = await open({ adapter, cutsConnections: false });
    const page = await listen(opened);
    await page.next();
    const begunAt = performance.now();
    await opened.close();
    expect(performance.now() - begunAt).toBeLessThan(2_000);
    expect(await page.next()).toBeNull();
  });
});

describe('A page that reads slowly', () => {
  /** A response whose browser takes nothing until it is told to. */
  class Clogged extends EventEmitter {
    readonly written: string[] = [];
    isOpen = true;
    readonly write = (text: string): boolean => this.written.push(text) < 0;
    readonly end = (): void => void (this.isOpen = false);
    readonly destroy = this.end;
    readonly setHeader = (): void => undefined;
    readonly removeHeader = (): void => undefined;
    readonly flushHeaders = (): void => undefined;
  }

  it('is told no more before it has taken what it was told, then everything at once; one that takes nothing is left', async () => {
    const streamClock = new TestClock();
    const opened = await open({ streamClock });
    const response = new Clogged();
    opened.app.get(EventStreams).open(webRequest({ headers: {}, url: '/', on: () => undefined }), response);
    const frames = (): Frame[] =>
      response.written
        .filter((text) => text.startsWith('id: '))
        .map((text) => JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '') as Frame);
    expect(frames()).toHaveLength(1);
    for (let seconds = 0; seconds < 20; seconds += 10) {
      await opened.clock.advance('10s');
      await streamClock.advance('10s');
    }
    expect(frames()).toHaveLength(1);
    response.emit('drain');
    await streamClock.advance('500ms');
    expect(frames().map(({ ended }) => ended.length)).toEqual([0, 2]);
    await streamClock.advance('31s');
    expect(response.isOpen).toBe(false);
  });
});

describe('A scheduler that executes twenty thousand tasks at once', () => {
  it('tells a page as little as one that executes few', { timeout: 60_000 }, async () => {
    const streamClock = new TestClock();
    const opened = await open({
      streamClock,
      scheduler: { concurrencyLimit: 1_000, batchSize: 1_000 },
    });
    const page = await listen(opened);
    await page.next();
    const instances = Array.from({ length: 20_000 }, (_, index) => ({
      instanceName: `instance ${index}`,
      executeIn: '1s',
    }));
    await opened.pyncette.scheduleTasks('greet', instances);
    await opened.clock.advance('1s');
    await streamClock.advance('500ms');
    const told = await page.next();
    const sum = (what: 'started' | 'succeeded'): number =>
      told?.frame.seconds.reduce((total, second) => total + second[what], 0) ?? 0;
    expect([sum('started'), sum('succeeded')]).toEqual([20_000, 20_000]);
    expect(told?.frame.ended).toHaveLength(40);
    expect(told?.bytes).toBeLessThan(20_000);
    await streamClock.advance('4s');
    await opened.clock.advance('10s');
    await streamClock.advance('1s');
    expect((await page.next())?.frame.ended).toMatchObject([{ task: 'regular' }]);
  });
});
