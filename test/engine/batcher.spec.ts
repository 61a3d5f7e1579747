import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Batcher } from '../../lib/engine/batcher.js';

class Refused extends Error {}

const isRefused = (error: unknown): boolean => error instanceof Refused;

/** A store that doubles numbers, refuses some, and remembers what it was asked together. */
class Doubling {
  readonly calls: (readonly number[])[] = [];

  constructor(private readonly refuses: readonly number[] = []) {}

  readonly send = async (requests: readonly number[]): Promise<readonly number[]> => {
    this.calls.push(requests);
    const refused = requests.find((request) => this.refuses.includes(request));
    if (refused !== undefined) throw new Refused(`not ${refused}`);
    return requests.map((request) => request * 2);
  };
}

const outcomes = async (
  batcher: Batcher<number, number>,
  requests: readonly number[],
): Promise<(number | string)[]> =>
  Promise.all(
    requests.map((request) => batcher.submit(request).catch((error: unknown) => (error as Error).message)),
  );

describe('Requests that are gathered', () => {
  it('go together when they come together, each with the answer in its place', async () => {
    const store = new Doubling();
    expect(await outcomes(new Batcher(store.send), [1, 2, 3])).toEqual([2, 4, 6]);
    expect(store.calls).toEqual([[1, 2, 3]]);
  });

  it('wait for the call that is under way, and go together then', async () => {
    const store = new Doubling();
    const batcher = new Batcher<number, number>(store.send);
    const first = batcher.submit(1);
    await Promise.resolve();
    expect(await outcomes(batcher, [2, 3])).toEqual([4, 6]);
    expect(await first).toBe(2);
    expect(store.calls).toEqual([[1], [2, 3]]);
  });

  it('are never more than a thousand in one call', async () => {
    const store = new Doubling();
    const requests = Array.from({ length: 2_500 }, (_, index) => index);
    expect(await outcomes(new Batcher(store.send), requests)).toEqual(requests.map((one) => one * 2));
    expect(store.calls.map((call) => call.length)).toEqual([1_000, 1_000, 500]);
  });

  it('do not fail with one of them that is refused: each is sent alone then', async () => {
    const store = new Doubling([2]);
    expect(await outcomes(new Batcher(store.send, isRefused), [1, 2, 3])).toEqual([2, 'not 2', 6]);
    expect(store.calls).toEqual([[1, 2, 3], [1], [2], [3]]);
  });

  it('all fail when a second one fails alone too: then it is not their fault', async () => {
    const store = new Doubling([2, 3]);
    expect(await outcomes(new Batcher(store.send, isRefused), [1, 2, 3, 4, 5])).toEqual([
      2,
      'not 2',
      'not 3',
      'not 2',
      'not 2',
    ]);
    expect(store.calls).toEqual([[1, 2, 3, 4, 5], [1], [2], [3]]);
  });

  it('all fail at once when the failure is of the store', async () => {
    const store = new Doubling([2]);
    expect(await outcomes(new Batcher(store.send), [1, 2, 3])).toEqual(['not 2', 'not 2', 'not 2']);
    expect(store.calls).toEqual([[1, 2, 3]]);
  });

  it('go on after a failure', async () => {
    const store = new Doubling([2]);
    const batcher = new Batcher<number, number>(store.send);
    expect(await outcomes(batcher, [2])).toEqual(['not 2']);
    expect(await outcomes(batcher, [3])).toEqual([6]);
  });

  it('say so when a store answers fewer than it was asked', async () => {
    const batcher = new Batcher<number, number>(async (requests) => requests.slice(1));
    expect(await outcomes(batcher, [1, 2])).toEqual([2, expect.stringContaining('fewer requests')]);
  });
});

/** A store that answers when it is told to. */
class Waiting {
  readonly calls: (readonly string[])[] = [];
  private readonly ends: (() => void)[] = [];

  readonly send = (requests: readonly string[]): Promise<readonly string[]> => {
    this.calls.push(requests);
    return new Promise((resolve) => this.ends.push(() => resolve(requests)));
  };

  /** Ends a call, and lets what follows from it begin. */
  async end(call: number): Promise<void> {
    this.ends[call]?.();
    await setImmediate();
    await setImmediate();
  }
}

describe('Requests whose calls may go side by side', () => {
  const open = (atOnce = 2): { store: Waiting; batcher: Batcher<string, string> } => {
    const store = new Waiting();
    const keyOf = (request: string): string => request.slice(0, 2);
    const sideBySide = { atOnce: () => atOnce, keyOf };
    return { store, batcher: new Batcher(store.send, () => false, sideBySide) };
  };
  const submit = async (batcher: Batcher<string, string>, requests: readonly string[]): Promise<void> => {
    for (const request of requests) void batcher.submit(request);
    await setImmediate();
  };
  const names = (count: number, from = 10): string[] =>
    Array.from({ length: count }, (_, index) => String(from + index));

  afterEach(() => vi.restoreAllMocks());

  it('are divided when many come together, and not when few do', async () => {
    const { store, batcher } = open();
    await submit(batcher, names(20));
    expect(store.calls.map(({ length }) => length)).toEqual([20]);
    await store.end(0);
    await submit(batcher, names(50));
    expect(store.calls.map(({ length }) => length)).toEqual([20, 25, 25]);
  });

  it('go beside a call that is under way, and wait when there is no more room', async () => {
    const { store, batcher } = open();
    await submit(batcher, ['10']);
    await submit(batcher, ['11']);
    await submit(batcher, ['12', '13']);
    expect(store.calls).toEqual([['10'], ['11']]);
    await store.end(1);
    expect(store.calls).toEqual([['10'], ['11'], ['12', '13']]);
  });

  it('wait for those about the same thing, and so does what came after them', async () => {
    const { store, batcher } = open();
    await submit(batcher, ['10 first']);
    await submit(batcher, ['11', '10 second']);
    await submit(batcher, ['12']);
    expect(store.calls).toEqual([['10 first']]);
    await store.end(0);
    expect(store.calls).toEqual([['10 first'], ['11', '10 second', '12']]);
  });

  it('about the same thing are not divided', async () => {
    const { store, batcher } = open();
    await submit(batcher, [...names(25), ...names(25)]);
    expect(store.calls).toEqual([names(25)]);
    await store.end(0);
    expect(store.calls).toEqual([names(25), names(25)]);
  });

  it('leave room while a call takes long: it may wait for a lock', async () => {
    const { store, batcher } = open();
    const began = performance.now();
    const now = vi.spyOn(performance, 'now').mockReturnValue(began);
    await submit(batcher, ['10']);
    now.mockReturnValue(began + 60);
    await submit(batcher, ['11']);
    expect(store.calls).toEqual([['10']]);
    await store.end(0);
    expect(store.calls).toEqual([['10'], ['11']]);
  });

  it('go one call after another where the store says so', async () => {
    const { store, batcher } = open(1);
    await submit(batcher, names(50));
    await submit(batcher, ['70']);
    expect(store.calls).toEqual([names(50)]);
    await store.end(0);
    expect(store.calls).toEqual([names(50), ['70']]);
  });

  it('go with those that are asked when a call has ended', async () => {
    const { store, batcher } = open();
    const first = batcher.submit('10').then(async () => batcher.submit('13'));
    await setImmediate();
    await submit(batcher, ['11']);
    await submit(batcher, ['12']);
    await store.end(0);
    expect(store.calls).toEqual([['10'], ['11'], ['12', '13']]);
    await store.end(2);
    expect(await first).toBe('13');
  });
});
