import { describe, expect, it } from 'vitest';
import { ExecutionMode, FailureMode } from '../../lib/core/task.js';
import { Bench } from './harness.js';

const failure = (): never => {
  throw new Error('on purpose');
};

describe('An interval of two seconds, over ten seconds', () => {
  it('runs five times', async () => {
    const bench = new Bench();
    bench.add({});
    await bench.runFor('10s');
    expect(bench.starts).toEqual([2, 4, 6, 8, 10]);
    expect(bench.of('task:succeeded')).toHaveLength(5);
  });

  it('is never run twice at once by a handler that takes five seconds', async () => {
    const bench = new Bench();
    let inFlight = 0;
    let most = 0;
    bench.add({}, async () => {
      most = Math.max(most, ++inFlight);
      await bench.clock.sleep('5s');
      inFlight--;
    });
    await bench.runFor('10s');
    expect(most).toBe(1);
    expect(bench.starts).toEqual([2, 8]);
  });

  it('runs again only when the lease of five seconds is over, when it fails', async () => {
    const bench = new Bench();
    bench.add({ leaseMs: 5_000 }, failure);
    await bench.runFor('10s');
    expect(bench.starts).toEqual([2, 7]);
    expect(bench.of('task:failed').map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('goes on with COMMIT as if it had worked', async () => {
    const bench = new Bench();
    bench.add({ failureMode: FailureMode.COMMIT }, failure);
    await bench.runFor('10s');
    expect(bench.starts).toEqual([2, 4, 6, 8, 10]);
  });

  it('goes on at most once as if it had worked', async () => {
    const bench = new Bench();
    bench.add({ executionMode: ExecutionMode.AT_MOST_ONCE }, failure);
    await bench.runFor('10s');
    expect(bench.starts).toEqual([2, 4, 6, 8, 10]);
    expect(bench.of('task:failed')).toHaveLength(5);
  });

  it('runs again with the next poll with UNLOCK', async () => {
    const bench = new Bench();
    bench.add({ failureMode: FailureMode.UNLOCK }, failure);
    await bench.runFor('5s');
    expect(bench.starts).toEqual([2, 3, 4, 5]);
  });
});

describe('Retry', () => {
  const retry = {
    maxAttempts: 3,
    delayMs: 1_000,
    backoff: 'exponential',
    maxDelayMs: null,
    jitter: 0,
    exhausted: null,
  } as const;

  it('backs off, and a recurring instance goes on when it is exhausted', async () => {
    const bench = new Bench();
    bench.add({ schedule: { kind: 'interval', everyMs: 10_000 }, retry }, failure);
    await bench.runFor('20s');
    expect(bench.starts).toEqual([10, 11, 13, 20]);
    expect(new Set(bench.of('task:started').map(({ executionId }) => executionId)).size).toBe(2);
  });

  it('parks when told to, until it is resumed with new attempts', async () => {
    const bench = new Bench();
    const task = bench.add(
      { schedule: { kind: 'interval', everyMs: 10_000 }, retry: { ...retry, exhausted: 'park' } },
      failure,
    );
    await bench.runFor('60s');
    expect(bench.starts).toEqual([10, 11, 13]);
    expect(await bench.scheduler.get(task, null)).toMatchObject({
      state: 'parked',
      lastError: { message: 'on purpose' },
    });
    expect(bench.of('task:parked')).toHaveLength(1);
    await bench.scheduler.resume(task, null, 'schedule');
    await bench.clock.advance(0);
    expect(bench.of('task:started').at(-1)).toMatchObject({ attempt: 1 });
  });
});

describe('Missed occurrences', () => {
  const away = async (missed: 'once' | 'all' | 'skip', maxLatenessMs = 1_000) => {
    const bench = new Bench();
    const seen: number[] = [];
    bench.add({ missed, maxLatenessMs }, (execution) => seen.push(execution.missed));
    await bench.runFor('0s');
    await bench.clock.jump('9s');
    return { bench, seen };
  };

  it('once: the overdue one runs, the others are dropped, the next lies in the future', async () => {
    const { bench, seen } = await away('once');
    expect(bench.of('task:started').map(({ scheduledAt }) => scheduledAt - bench.clock.now())).toEqual([
      -7_000,
    ]);
    expect(seen).toEqual([3]);
    expect(bench.of('task:missed').map(({ count }) => count)).toEqual([3]);
    await bench.clock.advance('1s');
    expect(bench.starts).toEqual([9, 10]);
  });

  it('all: each runs, oldest first', async () => {
    const { bench } = await away('all');
    expect(bench.of('task:started').map(({ scheduledAt }) => scheduledAt - bench.clock.now())).toEqual([
      -7_000, -5_000, -3_000, -1_000,
    ]);
    expect(bench.of('task:missed')).toEqual([]);
  });

  it('skip: the latest runs if it is not too late', async () => {
    const { bench, seen } = await away('skip');
    expect(bench.of('task:started').map(({ scheduledAt }) => scheduledAt - bench.clock.now())).toEqual([
      -1_000,
    ]);
    expect(seen).toEqual([3]);
    expect(bench.of('task:missed').map(({ count }) => count)).toEqual([3]);
  });

  it('skip: none runs if the latest is too late', async () => {
    const { bench } = await away('skip', 999);
    expect(bench.starts).toEqual([]);
    expect(bench.of('task:missed').map(({ count }) => count)).toEqual([4]);
    await bench.clock.advance('1s');
    expect(bench.starts).toEqual([10]);
  });
});
