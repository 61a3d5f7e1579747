import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Bench } from './harness.js';
import { SpiedRepository } from './spied-repository.js';

const instances = (count: number, options: unknown) =>
  Array.from({ length: count }, (_, index) => ({ instanceName: `i${index}`, options }));

describe('L4: what is claimed', () => {
  it('never exceeds the free slots, and starts at once', async () => {
    const spied = new SpiedRepository();
    const bench = new Bench({ repository: spied.repository, settings: { concurrencyLimit: 3 } });
    const task = bench.add({ kind: 'dynamic' }, () => bench.clock.sleep('10s'));
    const claim = spied.claim;
    spied.claim = async (request) => {
      expect(request.limit).toBeLessThanOrEqual(3 - bench.scheduler.inFlight);
      return claim(request);
    };
    await bench.scheduler.schedule(task, instances(10, { executeIn: '1s' }));
    await bench.runFor('5s');
    const rows = await spied.store.list({
      task: 'task',
      isStatic: false,
      limit: 100,
      after: null,
      state: 'running',
    });
    expect([rows.length, bench.scheduler.inFlight]).toEqual([3, 3]);
    await bench.clock.advance('40s');
    expect(bench.starts).toEqual([1, 1, 1, 11, 11, 11, 21, 21, 21, 31]);
    expect(bench.of('tick:failed')).toEqual([]);
  });

  it('is not looked for before there is room: settlements on the way keep nobody polling in vain', async () => {
    const spied = new SpiedRepository();
    const bench = new Bench({
      repository: spied.repository,
      settings: { batchSize: 10, concurrencyLimit: 10 },
    });
    const task = bench.add({ kind: 'dynamic' });
    const { claim, settle } = spied;
    const limits: number[] = [];
    spied.claim = (request) => {
      limits.push(request.limit);
      return claim(request);
    };
    spied.settle = async (requests) => {
      for (let turn = 0; turn < 20; turn++) await setImmediate();
      return settle(requests);
    };
    await bench.scheduler.schedule(task, instances(30, { executeIn: '1s' }));
    await bench.runFor('1900ms');
    expect(bench.starts).toHaveLength(30);
    expect(limits.filter((limit) => limit === 0)).toEqual([]);
  });

  it('is one at a time with a limit of one', async () => {
    const bench = new Bench({ settings: { concurrencyLimit: 1 } });
    const task = bench.add({ kind: 'dynamic' }, () => bench.clock.sleep('2s'));
    await bench.scheduler.schedule(task, instances(3, { executeIn: '1s' }));
    await bench.runFor('10s');
    expect(bench.starts).toEqual([1, 3, 5]);
  });

  it('is more at once where a batch was full, recurring instances too', async () => {
    const bench = new Bench({ settings: { batchSize: 10 } });
    const task = bench.add({ kind: 'dynamic' });
    await bench.scheduler.schedule(task, instances(35, { interval: '1h' }));
    await bench.runFor('1h');
    expect(bench.starts).toEqual(Array(35).fill(3_600));
  });
});

describe('F2: a slow task at its concurrencyLimit', () => {
  it('keeps no other waiting, however many of it are due', async () => {
    const bench = new Bench({ settings: { batchSize: 5, concurrencyLimit: 10 } });
    const slow = bench.add({ name: 'slow', kind: 'dynamic', concurrencyLimit: 2 }, () =>
      bench.clock.sleep('30s'),
    );
    bench.add({ name: 'quick', schedule: { kind: 'interval', everyMs: 1_000 } });
    await bench.scheduler.schedule(slow, instances(50, { executeIn: '1s' }));
    await bench.runFor('29s');
    const quick = bench.of('task:started').filter(({ task }) => task === 'quick');
    expect(quick).toHaveLength(29);
    expect(quick.every(({ latenessMs }) => latenessMs === 0)).toBe(true);
    expect(bench.of('task:started').filter(({ task }) => task === 'slow')).toHaveLength(2);
    await bench.clock.advance('3s');
    expect(bench.of('task:started').filter(({ task }) => task === 'slow')).toHaveLength(4);
  });

  it('L14: a thousand rows that cannot be run do not hide those that can', async () => {
    const spied = new SpiedRepository();
    const bench = new Bench({ repository: spied.repository });
    bench.add({ name: 'broken', kind: 'dynamic' });
    bench.add({ name: 'sound', schedule: { kind: 'interval', everyMs: 2_000 } });
    await bench.scheduler.ready();
    const broken = Array.from({ length: 1_000 }, (_, index) => ({
      task: 'broken',
      instance: `i${index}`,
      queue: 'broken',
      schedule: '{"v":99}',
      args: '{}',
      jitterMs: 0,
      force: false,
      place: (now: number) => now,
    }));
    await spied.store.register(broken);
    await bench.runFor('2s');
    expect(bench.of('task:started').map(({ task, latenessMs }) => [task, latenessMs])).toEqual([
      ['sound', 0],
    ]);
    expect(bench.of('task:parked')).toHaveLength(1_000);
  });
});

describe('F4: a poll', () => {
  it('is one query, however many tasks there are', async () => {
    const callsOf = async (tasks: number): Promise<readonly string[]> => {
      const spied = new SpiedRepository();
      const bench = new Bench({ repository: spied.repository });
      for (let index = 0; index < tasks; index++)
        bench.add({ name: `t${index}`, schedule: { kind: 'interval', everyMs: 3_600_000 } });
      await bench.runFor('1s');
      spied.calls.length = 0;
      await bench.scheduler.tick();
      return spied.calls.map(({ operation }) => operation);
    };
    expect(await callsOf(1)).toEqual(['claimDue']);
    expect(await callsOf(300)).toEqual(['claimDue']);
  });
});
