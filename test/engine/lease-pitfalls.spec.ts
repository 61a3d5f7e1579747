import { describe, expect, it } from 'vitest';
import type { Registration } from '../../lib/core/task-repository.js';
import { Bench } from './harness.js';
import { SpiedRepository } from './spied-repository.js';

function spiedBench() {
  const spied = new SpiedRepository();
  return { spied, bench: new Bench({ repository: spied.repository }) };
}

const broken = (instance: string, overrides: Partial<Registration>): Registration => ({
  task: 'task',
  instance,
  queue: 'task',
  schedule: '{"v":1,"every":1000}',
  args: '{}',
  jitterMs: 0,
  force: false,
  place: (now) => now,
  ...overrides,
});

describe('L5: a lease runs from its own claim', () => {
  it('what a claim answers only when its leases are over is not started', async () => {
    const { spied, bench } = spiedBench();
    bench.add({ leaseMs: 60_000 });
    const claim = spied.claim;
    let slow = 1;
    spied.claim = async (request) => {
      const result = await claim(request);
      if (result.claimed.length > 0 && slow-- > 0) await bench.clock.sleep('90s');
      return result;
    };
    await bench.runFor('91s');
    expect(bench.starts).toEqual([]);
    await bench.clock.advance('2s');
    expect(bench.of('task:started').map(({ attempt }) => attempt)).toEqual([2]);
    expect(bench.starts[0]).toBeGreaterThanOrEqual(92);
  });

  it('a claim that waits before it takes anything loses nothing of its lease', async () => {
    const { spied, bench } = spiedBench();
    bench.add({ leaseMs: 60_000 }, () => bench.clock.sleep('59s'));
    const claim = spied.claim;
    let slow = 1;
    spied.claim = async (request) => {
      if (slow-- > 0) await bench.clock.sleep('90s');
      return claim(request);
    };
    await bench.runFor('149s');
    expect(bench.starts).toEqual([90]);
    expect(bench.of('task:succeeded')).toHaveLength(1);
  });
});

describe('L6: an instance that is unscheduled between its claim and its start', () => {
  it('disturbs no other, fails no tick, and does not come back', async () => {
    const { spied, bench } = spiedBench();
    const task = bench.add({ kind: 'dynamic' });
    const claim = spied.claim;
    spied.claim = async (request) => {
      const result = await claim(request);
      if (result.claimed.length > 0) await spied.store.unregister([{ task: 'task', instance: 'b' }]);
      return result;
    };
    const instances = ['a', 'b', 'c'].map((instanceName) => ({ instanceName, options: { interval: '2s' } }));
    await bench.scheduler.schedule(task, instances);
    await bench.runFor('4s');
    const runs = bench.of('task:succeeded').map(({ instanceName }) => instanceName);
    expect(runs.filter((name) => name !== 'b').sort()).toEqual(['a', 'a', 'c', 'c']);
    expect(runs.filter((name) => name === 'b').length).toBeLessThanOrEqual(1);
    expect(await bench.scheduler.get(task, 'b')).toBeNull();
    expect([...bench.of('tick:failed'), ...bench.of('lease:lost')]).toEqual([]);
  });
});

describe('L7: a schedule that is changed while its instance executes', () => {
  it('keeps the lease, is not lost, and decides what comes next', async () => {
    const bench = new Bench();
    let inFlight = 0;
    let most = 0;
    const task = bench.add({ kind: 'dynamic' }, async () => {
      most = Math.max(most, ++inFlight);
      await bench.clock.sleep('5s');
      inFlight--;
    });
    await bench.scheduler.schedule(task, [{ instanceName: 'a', options: { interval: '10s' } }]);
    await bench.runFor('11s');
    await bench.scheduler.schedule(task, [
      { instanceName: 'a', options: { interval: '1s', args: { n: 2 } } },
    ]);
    await bench.clock.advance('5s');
    expect(await bench.scheduler.get(task, 'a')).toMatchObject({
      schedule: { everyMs: 1_000 },
      args: { n: 2 },
    });
    expect([bench.starts, most]).toEqual([[10, 15], 1]);
    expect(bench.of('task:started')[1]?.scheduledAt).toBe(bench.clock.now() - 4_000);
  });
});

describe('L8: scheduling again and again', () => {
  it('postpones nothing', async () => {
    const bench = new Bench();
    const task = bench.add({ kind: 'dynamic' });
    await bench.runFor('0s');
    for (let second = 0; second < 16; second++) {
      await bench.scheduler.schedule(task, [{ instanceName: 'a', options: { interval: '5s' } }]);
      await bench.clock.advance('1s');
    }
    expect(bench.starts).toEqual([5, 10, 15]);
  });
});

describe('L13: a row that cannot be read', () => {
  it.each([
    ['a schedule of a later release', { schedule: '{"v":99}' }],
    ['a schedule that is no JSON', { schedule: 'every now and then' }],
    [
      'a cron in a zone that is gone',
      { schedule: '{"v":1,"cron":"* * * * *","timezone":"Mars/Olympus","seconds":"first"}' },
    ],
    ['args that are no JSON', { args: '{"a":' }],
  ])('%s: is parked with its reason, and keeps nobody waiting', async (_what, overrides) => {
    const { spied, bench } = spiedBench();
    const task = bench.add({ kind: 'dynamic' });
    await bench.scheduler.ready();
    await spied.store.register([broken('poison', overrides)]);
    await bench.scheduler.schedule(task, [{ instanceName: 'sound', options: { interval: '2s' } }]);
    await bench.runFor('10s');
    expect(bench.starts).toEqual([2, 4, 6, 8, 10]);
    expect(bench.of('task:parked').map(({ instanceName }) => instanceName)).toEqual(['poison']);
    const poison = await bench.scheduler.get(task, 'poison');
    expect(poison).toMatchObject({ state: 'parked', lastError: { name: 'RangeError' } });
  });
});
