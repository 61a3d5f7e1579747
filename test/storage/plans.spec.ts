import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { DATABASES, type DatabaseName, createDatabase, isAvailable } from '../databases/databases.js';
import { opened, repositoryOn } from './open.js';
import { Plans } from './plans.js';

describe.each(DATABASES.filter(isAvailable))('With 20,000 rows that are not due, on %s', (name) => {
  it('polls and locks go through an index (D3)', { timeout: 60_000 }, async () => {
    await withRows(name, async (plans) => {
      expect(await plans.readsAll(plans.poll())).toBe(false);
      expect(await plans.readsAll(plans.lock(100))).toBe(false);
    });
  });

  it('pages, counts of what is parked and what is due next do so too', { timeout: 60_000 }, async () => {
    await withRows(name, async (plans) => {
      for (const listing of plans.listings()) expect(await plans.readsAll(listing), listing.sql).toBe(false);
    });
  });
});

async function withRows(name: DatabaseName, use: (plans: Plans) => Promise<void>): Promise<void> {
  const database = await createDatabase(name);
  const dataSource = await new DataSource(database.options).initialize();
  const repository = await opened(repositoryOn(() => dataSource));
  try {
    const plans = new Plans(dataSource, name);
    await plans.fill(20_000);
    await use(plans);
  } finally {
    await repository.close();
    await dataSource.destroy();
    await database.drop();
  }
}
