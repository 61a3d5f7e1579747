import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { DATABASES, createDatabase, isAvailable } from '../databases/databases.js';
import { opened, repositoryOn } from './open.js';
import { Plans } from './plans.js';

describe.each(DATABASES.filter(isAvailable))('With 20,000 rows that are not due, on %s', (name) => {
  it('polls and locks go through an index (D3)', { timeout: 60_000 }, async () => {
    const database = await createDatabase(name);
    const dataSource = await new DataSource(database.options).initialize();
    const repository = await opened(repositoryOn(() => dataSource));
    try {
      const plans = new Plans(dataSource, name);
      await plans.fill(20_000);
      expect(await plans.readsAll(plans.poll())).toBe(false);
      expect(await plans.readsAll(plans.lock(100))).toBe(false);
    } finally {
      await repository.close();
      await dataSource.destroy();
      await database.drop();
    }
  });
});
