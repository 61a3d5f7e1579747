import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ServerTime } from '../../lib/storage/server-time.js';

/** A server whose clock is an hour ahead, and which takes its time to answer. */
const serverNow = (): number => performance.now() + 3_600_000;

async function slowly(): Promise<{ from: number; until: number }> {
  const from = serverNow();
  await sleep(60);
  return { from, until: serverNow() };
}

describe('The time of a server', () => {
  it('is not taken for later or earlier because the server took long to answer, where it says how long', async () => {
    const time = new ServerTime();
    await time.measure(slowly, (stay) => stay);
    expect(Math.abs(time.exactNow() - serverNow())).toBeLessThan(5);
    expect(Math.abs(time.now() - serverNow())).toBeLessThan(6);
  });

  it('is in the middle of the round trip where that is all that is known', async () => {
    const time = new ServerTime();
    await time.measure(slowly, ({ from }) => from);
    const errorMs = time.exactNow() - serverNow();
    expect(errorMs).toBeLessThan(-25);
    await time.measure(slowly, (stay) => stay);
    expect(Math.abs(time.exactNow() - serverNow())).toBeLessThan(5);
  });

  it('is not learned again from a worse measurement', async () => {
    const time = new ServerTime();
    await time.measure(slowly, (stay) => stay);
    await time.measure(slowly, ({ from }) => from + 10);
    expect(Math.abs(time.exactNow() - serverNow())).toBeLessThan(5);
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
    expect(Math.abs(time.exactNow() - serverNow())).toBeLessThan(5);
  });
});
