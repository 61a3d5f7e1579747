import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SystemClock } from '../../lib/core/clock.js';
import { Scheduler } from '../../lib/engine/scheduler.js';
import { memoryRepository } from '../../lib/storage/memory.repository.js';
import { TestClock } from '../../lib/testing/test-clock.js';
import { Bench, START, definition, settings } from './harness.js';
import { SkewedClock } from './skewed-clock.js';
import { SpiedRepository } from './spied-repository.js';

const DAY_MS = 24 * 3_600_000;

describe('T10: a thousand executions of an interval', () => {
  it('stay on its grid, though each takes its time', async () => {
    const bench = new Bench();
    bench.add({ schedule: { kind: 'interval', everyMs: 1_000 } }, () => bench.clock.sleep(6));
    await bench.runFor('1000s');
    expect(bench.starts).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
    const zero = Date.parse(START);
    const started = bench.of('task:started');
    expect(started.every(({ scheduledAt }, index) => scheduledAt === zero + (index + 1) * 1_000)).toBe(true);
  });

  it('keep their phase when one of them is late', async () => {
    const bench = new Bench();
    bench.add({ schedule: { kind: 'interval', everyMs: 1_000 } }, () =>
      bench.clock.sleep(bench.starts.length === 2 ? 3_300 : 0),
    );
    await bench.runFor('8s');
    expect(bench.starts).toEqual([1, 2, 6, 7, 8]);
  });
});

describe('T11: sixty days ahead, longer than the longest timer of Node', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('runs once, then, and the days before cost next to nothing', async () => {
    const spied = new SpiedRepository();
    const bench = new Bench({ repository: spied.repository });
    const task = bench.add({ kind: 'dynamic' });
    await bench.scheduler.schedule(task, [{ instanceName: 'a', options: { executeIn: 60 * DAY_MS } }]);
    await bench.runFor('59d');
    expect(bench.starts).toEqual([]);
    expect(spied.count('claimDue')).toBeLessThan(10);
    await bench.clock.advance('2d');
    expect(bench.starts).toEqual([60 * 86_400]);
  });

  it('no timer overflows and nothing spins, on the clock of the machine', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const timers = vi.spyOn(globalThis, 'setTimeout');
    // Else the first rest would be shorter by a part of its own.
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const spied = new SpiedRepository();
    const clock = new SystemClock();
    const slowest = { clock, isClockGiven: false, pollIntervalMs: 90 * DAY_MS };
    const scheduler = new Scheduler(settings(clock, slowest), spied.repository);
    let runs = 0;
    const task = definition({ kind: 'dynamic' });
    scheduler.add({ definition: task, run: async () => void runs++ });
    await scheduler.schedule(task, [{ instanceName: 'a', options: { executeIn: 60 * DAY_MS } }]);
    await scheduler.start();
    for (let day = 0; day < 59; day++) await vi.advanceTimersByTimeAsync(DAY_MS);
    expect([runs, spied.count('claimDue')]).toEqual([0, 1]);
    await vi.advanceTimersByTimeAsync(DAY_MS);
    await vi.waitFor(() => expect(runs).toBe(1));
    const delays = timers.mock.calls.map(([, delay]) => delay ?? 0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(2 ** 31 - 1);
    await scheduler.stop();
  });
});

describe('C2: processes whose clocks are ten minutes ahead and behind', () => {
  it('run nothing early, nothing twice, and skip nothing: the repository’s clock decides', async () => {
    const right = new TestClock(START);
    const store = memoryRepository();
    await store.open({ clock: right, isClockGiven: true });
    const starts: number[] = [];
    for (const byMs of [600_000, -600_000]) {
      const clock = new SkewedClock(right, { byMs });
      const scheduler = new Scheduler(settings(clock, { isClockGiven: false }), store);
      const run = async (): Promise<void> => void starts.push((right.now() - Date.parse(START)) / 1_000);
      scheduler.add({
        definition: definition({ name: 'interval', schedule: { kind: 'interval', everyMs: 3_000 } }),
        run,
      });
      scheduler.add({
        definition: definition({
          name: 'cron',
          schedule: { kind: 'cron', expression: '*/5 * * * * *', timezone: 'UTC', seconds: 'first' },
        }),
        run,
      });
      await scheduler.start();
    }
    await right.advance('15s');
    expect(starts.sort((a, b) => a - b)).toEqual([3, 5, 6, 9, 10, 12, 15, 15]);
  });

  it('a lease lives as long as the repository says, whoever’s clock has jumped', async () => {
    const right = new TestClock(START);
    const store = memoryRepository();
    await store.open({ clock: right, isClockGiven: true });
    const starts: number[] = [];
    for (const byMs of [0, 600_000]) {
      const scheduler = new Scheduler(
        settings(new SkewedClock(right, { byMs }), { isClockGiven: false }),
        store,
      );
      scheduler.add({
        definition: definition({ schedule: { kind: 'interval', everyMs: 10_000 }, leaseMs: 30_000 }),
        run: async () => {
          starts.push((right.now() - Date.parse(START)) / 1_000);
          await right.sleep('25s');
        },
      });
      await scheduler.start();
    }
    await right.advance('36s');
    expect(starts).toEqual([10]);
  });
});

describe('C3: a timer that fires five milliseconds early', () => {
  it('claims nothing, and then everything once', async () => {
    const right = new TestClock(START);
    const clock = new SkewedClock(right, { earlyMs: 5 });
    const spied = new SpiedRepository();
    const scheduler = new Scheduler(settings(clock, { pollIntervalMs: 60_000 }), spied.repository);
    const starts: number[] = [];
    scheduler.add({
      definition: definition({ schedule: { kind: 'interval', everyMs: 2_000 } }),
      run: async () => void starts.push(right.now() - Date.parse(START)),
    });
    await scheduler.start();
    await right.advance('6s');
    expect(starts).toEqual([2_000, 4_000, 6_000]);
    expect(
      spied.calls.some(({ operation, at }) => operation === 'claimDue' && at === Date.parse(START) + 1_995),
    ).toBe(true);
  });
});

describe('F1: processes that start together', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('do not go on polling together: each leaves out a part of its first rest', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    vi.spyOn(Math, 'random').mockReturnValue(0.75);
    const spied = new SpiedRepository();
    const system = { clock: new SystemClock(), isClockGiven: false, pollIntervalMs: 4_000 };
    const scheduler = new Scheduler(settings(system.clock, system), spied.repository);
    await scheduler.start();
    const polls = async (afterMs: number): Promise<number> => {
      await vi.advanceTimersByTimeAsync(afterMs);
      for (let turn = 0; turn < 5; turn++) await setImmediate();
      return spied.count('claimDue');
    };
    await polls(0);
    expect([await polls(990), await polls(20), await polls(3_980), await polls(20)]).toEqual([1, 2, 2, 3]);
    await scheduler.stop();
  });
});
