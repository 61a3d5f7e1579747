import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { SystemClock } from '../../lib/core/clock.js';
import type { ExecutionEntry } from '../../lib/core/execution-history.js';
import { DATABASES, createDatabase, isAvailable } from '../databases/databases.js';
import { repositoryOn } from './open.js';

const entry = (task: string, finishedAt: number): ExecutionEntry => ({
  task,
  instance: 'i',
  executionId: `${task}-${finishedAt}`,
  attempt: 1,
  scheduledAt: finishedAt,
  startedAt: finishedAt,
  finishedAt,
  outcome: 'succeeded',
  error: null,
  process: 'test',
});

describe.each(DATABASES.filter(isAvailable))('Pruning the history on %s', (name) => {
  it('goes on where the last step has ended, and at the end finds what has come behind it', async () => {
    const database = await createDatabase(name);
    const dataSource = await new DataSource(database.options).initialize();
    try {
      const repository = repositoryOn(() => dataSource);
      await repository.open({ clock: new SystemClock(), isClockGiven: false, keepsHistory: true });
      const { history } = repository;
      const moments = Array.from({ length: 20 }, (_, index) => 10 + index);
      await history.record(['a', 'b', 'c'].flatMap((task) => moments.map((at) => entry(task, at))));
      expect(await history.prune(25, 7)).toBe(7);
      // Comes late from another process.
      await history.record([entry('a', 5)]);
      const steps: number[] = [];
      for (let step = 1; step > 0; steps.push(step)) step = await history.prune(25, 7);
      expect(steps).toEqual([7, 7, 7, 7, 7, 3, 1, 0]);
      const left = await history.list({ task: 'c', instance: null, limit: 20, before: null });
      expect(left.map(({ finishedAt }) => finishedAt)).toEqual([29, 28, 27, 26, 25]);
      await repository.close();
    } finally {
      await dataSource.destroy();
      await database.drop();
    }
  });
});
