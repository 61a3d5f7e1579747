import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SystemClock } from '../../lib/core/clock.js';
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
  it.each([0.2, 1, 1.7, 2.5, 7.3])(
    'of %d ms until something is due never ends before that',
    async (dueInMs) => {
      for (let turn = 0; turn < 20; turn++) {
        const rest = new Rest(exactNow(), length(1_000, dueInMs));
        await rest.take(clock, exactNow);
        expect(exactNow()).toBeGreaterThanOrEqual(rest.until);
      }
    },
  );

  it('ends when it is woken, be that while it sleeps or in its last fraction of a millisecond', async () => {
    const sleeping = new Rest(exactNow(), length(60_000, 50_000));
    const taken = sleeping.take(clock, exactNow);
    await sleep(1);
    sleeping.wake();
    sleeping.wake();
    await taken;
    // A clock that stands still just before something is due.
    const spinning = new Rest(0, length(1_000, 1));
    const spun = spinning.take(clock, () => 0.5);
    await sleep(1);
    spinning.wake();
    await spun;
  });

  it('does not go on for ever when the repository’s clock is set back meanwhile', async () => {
    let now = 0;
    const rest = new Rest(now, length(1_000, 2));
    const taken = rest.take(clock, () => now);
    now = -5_000;
    await taken;
    expect(rest.until).toBe(2);
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
