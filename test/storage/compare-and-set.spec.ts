import { DataSource } from 'typeorm';
import { describe, expect, it, vi } from 'vitest';
import { claimOne, every, key, proofOf, rowOf } from '../../lib/testing/conformance/store.js';
import { createDatabase } from '../databases/databases.js';
import { opened, repositoryOn } from './open.js';

describe('A row that somebody else writes between reading and writing', () => {
  it('is decided about again: who has lost it meanwhile is told so', async () => {
    const database = await createDatabase('sqlite');
    const dataSource = await new DataSource(database.options).initialize();
    const repository = await opened(repositoryOn(() => dataSource, { isCompareAndSet: true }));
    try {
      await repository.register([every('bill', 1_000, { place: () => Date.now() - 60_000 })]);
      const row = await claimOne(repository);
      const reseat = { ...proofOf(row), scheduledAt: (row.scheduledAt ?? 0) + 30_000 };
      beforeTheNext(
        dataSource,
        /^UPDATE/,
        "UPDATE pyncette_tasks SET lease_token = 'other', version = version + 1",
      );
      expect(await repository.reseat([reseat])).toEqual([false]);
      expect(await rowOf(repository, 'bill')).toMatchObject({
        leaseToken: 'other',
        scheduledAt: row.scheduledAt,
      });
      await repository.unregister([key('bill')]);
      await repository.register([every('bill', 1_000, { place: () => Date.now() - 60_000 })]);
      const again = await claimOne(repository);
      beforeTheNext(dataSource, /^UPDATE/, "DELETE FROM pyncette_tasks WHERE instance = 'bill'");
      expect(await repository.reseat([{ ...reseat, ...proofOf(again) }])).toEqual([false]);
    } finally {
      await repository.close();
      await dataSource.destroy();
      await database.drop();
    }
  });
});

/** What we use of a query runner. */
interface Querying {
  query(text: string, parameters?: unknown[], isStructured?: boolean): Promise<unknown>;
}

/** Somebody else's statement, sent just before the next one of ours that looks so. SQLite has one query runner for everybody. */
function beforeTheNext(dataSource: DataSource, pattern: RegExp, sql: string): void {
  const runner: Querying = dataSource.createQueryRunner();
  const query = runner.query.bind(runner);
  const spy = vi.spyOn(runner, 'query').mockImplementation(async (text, parameters, isStructured) => {
    if (pattern.test(text)) {
      spy.mockRestore();
      await query(sql);
    }
    return query(text, parameters, isStructured);
  });
}
