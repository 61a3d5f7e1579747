import { describe, expect, it } from 'vitest';
import { memoryRepository } from '../../lib/storage/memory.repository.js';
import { Bench, START } from './harness.js';
import { SpiedRepository } from './spied-repository.js';

const minutely = { settings: { pollIntervalMs: 60_000 } };

describe('Polls', () => {
  it('are as many as there are due moments: a settlement that leaves nothing due causes none', async () => {
    const spied = new SpiedRepository();
    const bench = new Bench({ repository: spied.repository, ...minutely });
    const task = bench.add({ kind: 'dynamic' });
    await bench.scheduler.schedule(
      task,
      [3, 5, 8].map((second) => ({ instanceName: `at ${second}`, options: { executeIn: second * 1_000 } })),
    );
    await bench.runFor('30s');
    expect(bench.starts).toEqual([3, 5, 8]);
    const polls = spied.calls.filter(({ operation }) => operation === 'claimDue');
    expect(polls.map(({ at }) => (at - Date.parse(START)) / 1_000).filter((at) => at > 0)).toEqual([3, 5, 8]);
  });

  it('come at once for a run that another process asked for during an execution', async () => {
    const store = memoryRepository();
    const spied = new SpiedRepository(store);
    const bench = new Bench({ repository: spied.repository, ...minutely });
    const other = new Bench({ repository: store, clock: bench.clock, ...minutely });
    const asking = other.add({ kind: 'dynamic' });
    const task = bench.add({ kind: 'dynamic' }, () => bench.clock.sleep('4s'));
    await bench.scheduler.schedule(task, [{ instanceName: 'bill', options: { interval: '1h' } }]);
    await bench.runFor('3602s');
    await other.scheduler.trigger(asking, 'bill', {});
    await bench.clock.advance('10s');
    expect(bench.starts).toEqual([3_600, 3_604]);
  });
});
