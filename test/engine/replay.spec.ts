import { describe, expect, it } from 'vitest';
import { SystemClock } from '../../lib/core/clock.js';
import { Scheduler } from '../../lib/engine/scheduler.js';
import { memoryRepository } from '../../lib/storage/memory.repository.js';
import { Bench, definition, settings } from './harness.js';

const WEEK_MS = 7 * 24 * 3_600_000;

// F3: the replay storm after a week of downtime of a task that runs every minute.

describe('F3: after a week away, a task of every minute', () => {
  const afterAWeek = async (missed: 'once' | 'all' | 'skip') => {
    const bench = new Bench();
    let most = 0;
    let inFlight = 0;
    bench.add({ missed, schedule: { kind: 'interval', everyMs: 60_000 } }, async () => {
      most = Math.max(most, ++inFlight);
      await bench.clock.sleep(1);
      inFlight--;
    });
    await bench.runFor('0s');
    await bench.clock.jump(WEEK_MS);
    await bench.clock.advance('59s');
    return { runs: bench.starts.length, most, missed: bench.of('task:missed').map(({ count }) => count) };
  };

  it('runs once by default, and says how many were dropped', async () => {
    expect(await afterAWeek('once')).toEqual({ runs: 1, most: 1, missed: [7 * 24 * 60 - 1] });
  });

  it('runs the latest only with skip', async () => {
    expect(await afterAWeek('skip')).toEqual({ runs: 1, most: 1, missed: [7 * 24 * 60 - 1] });
  });

  it('runs them all only when asked to, one after the other', async () => {
    expect(await afterAWeek('all')).toEqual({ runs: 7 * 24 * 60, most: 1, missed: [] });
  });
});

describe('F3: a replay of very many', () => {
  it('leaves the event loop to others meanwhile', async () => {
    const clock = new SystemClock();
    const repository = memoryRepository();
    const scheduler = new Scheduler(settings(clock, { isClockGiven: false }), repository);
    await scheduler.ready();
    await repository.register([
      {
        task: 'task',
        instance: '',
        queue: 'task',
        schedule: '{"v":1,"every":1000}',
        args: '{}',
        jitterMs: 0,
        force: false,
        place: (now) => now - WEEK_MS,
      },
    ]);
    let runs = 0;
    const soon = new Promise<number>((resolve) => {
      scheduler.add({
        definition: definition({ missed: 'all', schedule: { kind: 'interval', everyMs: 1_000 } }),
        run: async () => {
          if (++runs === 1) setImmediate(() => setImmediate(() => resolve(runs)));
        },
      });
    });
    await scheduler.start();
    expect(await soon).toBeLessThan(100);
    await scheduler.stop();
  });
});
