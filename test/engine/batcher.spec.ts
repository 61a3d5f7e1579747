import { describe, expect, it } from 'vitest';
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
