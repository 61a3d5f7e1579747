import { signal } from '@preact/signals';
import type { ExecutionView, Frame, SecondView, TaskTally } from '../../lib/extras/dashboard/wire.ts';
import { ApiError, apiUrl, ask } from './api.ts';
import { setServerTime } from './time.ts';

// What the server tells as it happens.

/** `refused`: the guards do not let us in any more. */
export type Connection = 'connecting' | 'live' | 'lost' | 'refused';

export const connection = signal<Connection>('connecting');
export const seconds = signal<ReadonlyMap<number, SecondView>>(new Map());
export const tallies = signal<ReadonlyMap<string, TaskTally>>(new Map());
export const latest = signal<readonly ExecutionView[]>([]);
export const running = signal<readonly ExecutionView[]>([]);
export const inFlight = signal(0);
export const isHealthy = signal(true);
export const isStoreFailing = signal(false);
/** Grows when what was listed may have changed: through people, or through executions. */
export const pulse = signal(0);

const KEPT_MS = 600_000;
const LATEST = 40;
/** A stream ends now and then by design; only what lasts is worth a word. */
const PATIENCE_MS = 3_000;
const SILENCE_MS = 16_000;
const LONGEST_WAIT_MS = 10_000;

let source: EventSource | null = null;
let lastId = '';
let changes = -1;
let waitMs = 1_000;
let patience: ReturnType<typeof setTimeout> | undefined;
let silence: ReturnType<typeof setTimeout> | undefined;

/** Listens, and goes on listening whatever happens to the server. */
export function connect(): void {
  source?.close();
  const stream = new EventSource(apiUrl('events', { since: lastId }));
  source = stream;
  stream.addEventListener('frame', (event) => {
    lastId = event.lastEventId;
    heard();
    take(JSON.parse(event.data));
  });
  stream.addEventListener('open', heard);
  stream.addEventListener('error', () => {
    patience ??= setTimeout(() => {
      if (connection.value !== 'refused') connection.value = 'lost';
    }, PATIENCE_MS);
    // The browser asks again by itself, unless it was told something that is no stream.
    if (stream.readyState === EventSource.CLOSED) void reconnect();
  });
}

function heard(): void {
  clearTimeout(patience);
  clearTimeout(silence);
  patience = undefined;
  waitMs = 1_000;
  connection.value = 'live';
  silence = setTimeout(() => {
    connection.value = 'lost';
    connect();
  }, SILENCE_MS);
}

async function reconnect(): Promise<void> {
  try {
    await ask('overview', {}, AbortSignal.timeout(5_000));
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403))
      connection.value = 'refused';
  }
  setTimeout(connect, waitMs);
  waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
}

function take(frame: Frame): void {
  setServerTime(frame.now);
  isHealthy.value = frame.isHealthy;
  isStoreFailing.value = frame.isStoreFailing;
  inFlight.value = frame.inFlight;
  running.value = frame.running;
  takeSeconds(frame);
  if (frame.isWhole || frame.tallies.length > 0)
    tallies.value = new Map([
      ...(frame.isWhole ? [] : tallies.value),
      ...frame.tallies.map((tally) => [tally.task, tally] as const),
    ]);
  if (frame.isWhole || frame.ended.length > 0)
    latest.value = [...frame.ended, ...(frame.isWhole ? [] : latest.value)].slice(0, LATEST);
  if (frame.changes !== changes || frame.ended.length > 0) pulse.value++;
  changes = frame.changes;
}

function takeSeconds(frame: Frame): void {
  if (!frame.isWhole && frame.seconds.length === 0) return;
  const known = frame.isWhole ? [] : [...seconds.value];
  const told = frame.seconds.map((second) => [second.second, second] as const);
  seconds.value = new Map([...known, ...told].filter(([second]) => second > frame.now - KEPT_MS));
}
