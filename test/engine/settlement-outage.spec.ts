import { describe, expect, it } from 'vitest';
import { RepositoryException } from '../../lib/core/errors.js';
import { Bench } from './harness.js';
import { SpiedRepository } from './spied-repository.js';

describe('Settlements that fail together', () => {
  it('are made again together, whatever their handlers still sleep for', async () => {
    const spied = new SpiedRepository();
    const bench = new Bench({ repository: spied.repository });
    const task = bench.add({ kind: 'dynamic' }, () => void bench.clock.sleep('10s'));
    await bench.scheduler.schedule(
      task,
      ['a', 'b', 'c'].map((instanceName) => ({ instanceName, options: { interval: '5s' } })),
    );
    const { settle } = spied;
    let failures = 0;
    spied.settle = (requests) =>
      failures++ < 2 ? Promise.reject(new RepositoryException('the database is down')) : settle(requests);
    await bench.runFor('14s');
    expect(failures).toBeGreaterThan(2);
    expect(bench.of('task:succeeded')).toHaveLength(6);
  });
});
