import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServerTime, type ServerStay } from '../../lib/storage/server-time.js';

/** A server whose clock is an hour ahead, and which takes its time to answer. */
const serverNow = (): number => performance.now() + 3_600_000;

async function slowly(): Promise<ServerStay> {
  vi.advanceTimersByTime(1);
  const from = serverNow();
  vi.advanceTimersByTime(60);
  const until = serverNow();
  vi.advanceTimersByTime(1);
  return { from, until };
}

// A machine that stands still for a moment changes nothing.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

describe('The time of a server', () => {
  it('is not taken for later or earlier because the server took long to answer, where it says how long', async () => {
    const time = new ServerTime();
    await time.measure(slowly, (stay) => stay);
    expect(Math.abs(time.exactNow() - serverNow())).toBeLessThan(0.01);
    expect(Math.abs(time.now() - serverNow())).toBeLessThanOrEqual(1);
  });

  it('is in the middle of the round trip where that is all that is known', async () => {
    const time = new ServerTime();
    await time.measure(slowly, ({ from }) => from);
    const errorMs = time.exactNow() - serverNow();
    expect(errorMs).toBeLessThan(-25);
    await time.measure(slowly, (stay) => stay);
    expect(Math.abs(time.exactNow() - serverNow())).toBeLessThan(0.01);
  });

  it('is not learned again from a worse measurement', async () => {
    const time = new ServerTime();
    await time.measure(slowly, (stay) => stay);
    await time.measure(slowly, ({ from }) => from + 10);
    expect(Math.abs(time.exactNow() - serverNow())).toBeLessThan(0.01);
  });

  it('is learned again from a worse measurement that cannot be true together with the last: its clock was set', async () => {
    const time = new ServerTime();
    await time.measure(slowly, (stay) => stay);
    await time.measure(slowly, ({ from }) => from - 10_000);
    const errorMs = time.exactNow() - (serverNow() - 10_000);
    expect(Math.abs(errorMs)).toBeLessThan(60);
  });

  it('is not learned while its clock is being set', async () => {
    const time = new ServerTime();
    await time.measure(slowly, (stay) => stay);
    await time.measure(slowly, ({ from, until }) => ({ from, until: until + 5_000 }));
    expect(Math.abs(time.exactNow() - serverNow())).toBeLessThan(0.01);
  });
});
