import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Clock, SystemClock } from '../../lib/core/clock.js';
import { Rest } from '../../lib/engine/rest.js';
import { RunList } from '../../lib/engine/run-list.js';

const clock = new SystemClock();
const exactNow = (): number => performance.now();
const length = (pollInMs: number, dueInMs: number | null) => ({
  pollInMs,
  pollIntervalMs: pollInMs,
  dueInMs,
});

describe('A rest of the loop', () => {
  it.each([20, 20.2, 21.7, 24.5])(
    'of %d ms until something is due never ends before that',
    async (dueInMs) => {
      for (let turn = 0; turn < 10; turn++) {
        const rest = new Rest(exactNow(), length(1_000, dueInMs));
        await rest.take(clock, exactNow);
        expect(exactNow()).toBeGreaterThanOrEqual(rest.until);
      }
    },
  );

  it('sleeps whole milliseconds, and passes what is left of the last one turn by turn', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const slept: unknown[] = [];
    const sleeping: Clock = {
      now: () => 0,
      sleep: async (duration) => void slept.push(duration),
    };
    // Asked twice before the first timer, which fires early; the second one later than it should.
    const moments = [0.3, 0.3, 15.2, 19.2, 19.9, 20.1, 20.2];
    await new Rest(0, length(1_000, 20)).take(sleeping, () => moments.shift() ?? 99);
    expect(slept).toEqual([19, 4]);
    expect(moments).toEqual([20.2]);
  });

  it('ends when it is woken', async () => {
    const rest = new Rest(exactNow(), length(60_000, 50_000));
    const taken = rest.take(clock, exactNow);
    await sleep(1);
    rest.wake();
    rest.wake();
    await taken;
    expect(exactNow()).toBeLessThan(rest.until);
  });

  it('ends although the repository’s clock stands still, as one does that another application turns by hand', async () => {
    const rest = new Rest(0, length(1_000, 20));
    const beganAt = exactNow();
    await rest.take(clock, () => 19.5);
    expect(exactNow() - beganAt).toBeLessThan(1_000);
  });

  it('is not longer than it was to be when the repository’s clock is set back meanwhile', async () => {
    let now = 0;
    const rest = new Rest(now, length(60_000, 20));
    const taken = rest.take(clock, () => now);
    const beganAt = exactNow();
    now = -50_000;
    await taken;
    expect(exactNow() - beganAt).toBeLessThan(5_000);
  });
});

describe('What is in flight', () => {
  it('is what was added and has not been deleted, whatever the order', () => {
    const list = new RunList<{ place: number; name: number }>();
    const members = Array.from({ length: 50 }, (_, name) => ({ place: -1, name }));
    const expected = new Set(members);
    for (const member of members) list.add(member);
    for (const at of [49, 0, 25, 48, 1, 3, 2, 24]) {
      const member = members[at];
      if (member === undefined) continue;
      list.delete(member);
      expected.delete(member);
      expect(new Set(list.all)).toEqual(expected);
      expect(list.size).toBe(expected.size);
    }
    for (const member of list.all) list.delete(member);
    expect(list.size).toBe(0);
  });
});
