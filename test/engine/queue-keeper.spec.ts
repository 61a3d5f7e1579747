import { describe, expect, it } from 'vitest';
import { defaultPartition } from '../../lib/core/partitioning.js';
import type { Partitions } from '../../lib/core/task.js';
import { memoryRepository } from '../../lib/storage/memory.repository.js';
import { Bench, START } from './harness.js';
import { SpiedRepository } from './spied-repository.js';

const partitions = (count: number): Partitions => ({
  count,
  enabled: Array.from({ length: count }, (_, partition) => partition),
  select: (name) => defaultPartition(count, name),
});

/** What is due every second, so that there are polls. */
const everySecond = { name: 'second', schedule: { kind: 'interval', everyMs: 1_000 } } as const;

const names = Array.from({ length: 20 }, (_, index) => `i${index}`);

describe('Instances of a template', () => {
  it('that the release before schedules to its own queues are executed when it has ended', async () => {
    const repository = memoryRepository();
    const present = new Bench({ repository });
    const before = new Bench({ repository, clock: present.clock });
    const former = before.add({ kind: 'dynamic', partitions: partitions(2) });
    await before.scheduler.ready();
    const ran: string[] = [];
    present.add({ kind: 'dynamic', partitions: partitions(3) }, ({ instanceName }) =>
      ran.push(String(instanceName)),
    );
    present.add(everySecond);
    await present.runFor('10s');
    await before.scheduler.schedule(
      former,
      names.map((instanceName) => ({ instanceName, options: { executeIn: '1s' } })),
    );
    await present.clock.advance('30s');
    expect(ran).toEqual([]);
    await present.clock.advance('90s');
    expect(ran.sort()).toEqual([...names].sort());
  });

  it('are looked for in former queues ever more rarely, at last once an hour', async () => {
    const spied = new SpiedRepository();
    const bench = new Bench({ repository: spied.repository });
    bench.add({ kind: 'dynamic' });
    bench.add({ ...everySecond, schedule: { kind: 'interval', everyMs: 60_000 } });
    await bench.runFor('10h');
    const minutes = spied.calls
      .filter(({ operation }) => operation === 'requeue')
      .map(({ at }) => Math.round((at - Date.parse(START)) / 60_000));
    expect(minutes).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363, 423, 483, 543]);
  });

  it('are left to others by a process that stops: no further template is looked at', async () => {
    const store = memoryRepository();
    const bench = new Bench({ repository: store });
    for (const name of ['a', 'b', 'c']) bench.add({ kind: 'dynamic', name });
    bench.add(everySecond);
    await bench.scheduler.ready();
    const looked: string[] = [];
    store.requeue = async (task) => {
      looked.push(task);
      await bench.clock.sleep('5s');
      return 0;
    };
    await bench.runFor('62s');
    expect(looked).toEqual(['a']);
    const stopped = bench.scheduler.stop();
    await bench.clock.advance('30s');
    await stopped;
    expect(looked).toEqual(['a']);
  });

  it('are executed although the look at former queues fails', async () => {
    const spied = new SpiedRepository();
    const bench = new Bench({ repository: spied.repository });
    const task = bench.add({ kind: 'dynamic' });
    await bench.scheduler.schedule(task, [{ instanceName: 'bill', options: { interval: '1m' } }]);
    await bench.scheduler.ready();
    spied.failing = ['requeue'];
    await bench.runFor('5m');
    expect(bench.starts.length).toBeGreaterThan(3);
    expect(bench.of('repository:failed')).toEqual([]);
  });
});
