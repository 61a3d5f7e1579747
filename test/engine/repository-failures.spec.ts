import { describe, expect, it } from 'vitest';
import { FailureMode } from '../../lib/core/task.js';
import type { ExecutionTransaction, TaskRepository } from '../../lib/core/task-repository.js';
import { Bench } from './harness.js';
import { SpiedRepository } from './spied-repository.js';

function bench() {
  const spied = new SpiedRepository();
  return { spied, bench: new Bench({ repository: spied.repository }) };
}

const seconds = (calls: readonly { readonly at: number }[], zero: number): number[] =>
  calls.map(({ at }) => (at - zero) / 1_000);

describe('S6: a store that is down', () => {
  it('is asked again at growing distances, for ever, and work resumes by itself', async () => {
    const { spied, bench: down } = bench();
    const zero = down.clock.now();
    down.add({ schedule: { kind: 'interval', everyMs: 60_000 } });
    await down.runFor('1s');
    expect(down.scheduler.isHealthy).toBe(true);
    spied.failing = 'all';
    spied.calls.length = 0;
    await down.clock.advance('600s');
    const asked = seconds(spied.calls, zero);
    const distances = asked.slice(1).map((at, index) => Math.round((at - (asked[index] ?? 0)) * 1_000));
    expect(distances.slice(0, 8)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    expect(new Set(distances.slice(8))).toEqual(new Set([5_000]));
    expect(down.starts).toEqual([]);
    expect(down.scheduler.isHealthy).toBe(false);
    spied.failing = [];
    await down.clock.advance('10s');
    expect(down.starts).toHaveLength(1);
    expect(down.scheduler.isHealthy).toBe(true);
    await down.clock.advance('60s');
    expect(down.starts).toHaveLength(2);
  });

  it('is announced as failed and, once, as recovered', async () => {
    const { spied, bench: down } = bench();
    down.add({ schedule: { kind: 'interval', everyMs: 60_000 } });
    await down.runFor('1s');
    spied.failing = 'all';
    await down.clock.advance('30s');
    spied.failing = [];
    await down.clock.advance('10s');
    expect(down.of('repository:failed').length).toBeGreaterThan(5);
    expect(down.of('tick:failed')).toHaveLength(down.of('repository:failed').length);
    const [recovered, ...others] = down.of('repository:recovered');
    expect(others).toEqual([]);
    expect(recovered?.downMs).toBeGreaterThan(29_000);
    expect(recovered?.downMs).toBeLessThanOrEqual(35_000);
  });

  it('at the start is asked until it answers', async () => {
    const { spied, bench: down } = bench();
    down.add({});
    spied.failing = 'all';
    await down.runFor('20s');
    expect(down.scheduler.isHealthy).toBe(false);
    spied.failing = [];
    await down.clock.advance('10s');
    expect(down.scheduler.isHealthy).toBe(true);
    expect(down.starts.length).toBeGreaterThan(1);
  });

  it('does not keep a stop waiting', async () => {
    const { spied, bench: down } = bench();
    down.add({});
    await down.runFor('0s');
    spied.failing = 'all';
    await down.clock.advance('20s');
    await down.scheduler.stop();
    const asked = spied.calls.length;
    await down.clock.advance('60s');
    expect(spied.calls).toHaveLength(asked);
  });
});

describe('A settlement that the store does not take', () => {
  it('is repeated while its lease is trusted, and the execution is not', async () => {
    const { spied, bench: settling } = bench();
    settling.add({ leaseMs: 10_000, schedule: { kind: 'interval', everyMs: 60_000 } });
    spied.failing = ['settle'];
    await settling.runFor('64s');
    expect(spied.count('settle')).toBeGreaterThan(3);
    expect(settling.of('task:succeeded')).toEqual([]);
    spied.failing = [];
    await settling.clock.advance('20s');
    expect(settling.of('task:succeeded')).toHaveLength(1);
    expect(settling.starts).toEqual([60]);
    await settling.clock.advance('40s');
    expect(settling.starts).toEqual([60, 120]);
  });

  it('is not repeated once its lease is over: the occurrence runs again', async () => {
    const { spied, bench: settling } = bench();
    const zero = settling.clock.now();
    settling.add({ leaseMs: 10_000, schedule: { kind: 'interval', everyMs: 60_000 } });
    spied.failing = ['settle'];
    await settling.runFor('70s');
    const before = seconds(
      spied.calls.filter(({ operation }) => operation === 'settle'),
      zero,
    );
    expect(Math.max(...before.filter((at) => at < 70))).toBeGreaterThan(65);
    spied.failing = [];
    await settling.clock.advance('20s');
    expect(settling.of('task:started').map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(settling.starts).toEqual([60, 70]);
    expect(await settling.scheduler.repository.find([{ task: 'task', instance: '' }])).toMatchObject([
      { row: { attempt: 0, scheduledAt: zero + 120_000 } },
    ]);
  });

  it('was applied when its answer was lost: the repetition finds nothing of ours and is content', async () => {
    const { spied, bench: settling } = bench();
    const settle = spied.store.settle.bind(spied.store);
    let answers = 0;
    spied.store.settle = async (requests) => {
      const answer = await settle(requests);
      if (++answers === 1) throw new Error('connection reset');
      return answer;
    };
    settling.add({ failureMode: FailureMode.UNLOCK, schedule: { kind: 'interval', everyMs: 10_000 } });
    await settling.runFor('25s');
    expect(settling.starts).toEqual([10, 20]);
    expect(settling.of('task:succeeded')).toHaveLength(2);
    expect(settling.of('lease:lost')).toEqual([]);
  });
});

describe('A store that fails before the handler has started', () => {
  it('parks nothing: the instance is given back, its attempt unspent, and runs when the store is back', async () => {
    const { spied, bench: flaky } = bench();
    let transactions = 0;
    spied.store.transact = async <T>(work: (transaction: ExecutionTransaction) => Promise<T>): Promise<T> => {
      if (++transactions === 1) throw new Error('terminating connection due to administrator command');
      return work(transactionOn(spied.store));
    };
    flaky.add({ transactional: true, schedule: { kind: 'interval', everyMs: 10_000 } });
    await flaky.runFor('15s');
    expect(transactions).toBeGreaterThan(1);
    expect(flaky.of('task:parked')).toEqual([]);
    expect(flaky.of('task:started').map(({ attempt }) => attempt)).toEqual([1]);
    expect(flaky.of('task:succeeded')).toHaveLength(1);
  });
});

const transactionOn = (store: TaskRepository): ExecutionTransaction => ({
  manager: null,
  holdsStore: false,
  holds: async () => true,
  savepoint: (work) => work(),
  settle: async (request) => (await store.settle([request]))[0] ?? 'gone',
});
