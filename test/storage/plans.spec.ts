import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { DATABASES, type DatabaseName, createDatabase, isAvailable } from '../databases/databases.js';
import { opened, repositoryOn } from './open.js';
import { Plans } from './plans.js';
import { DUE_DATABASES } from './sql-store.js';

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

describe.each(DUE_DATABASES.filter(isAvailable))('With 20,000 rows due and 100,000 not, on %s', (name) => {
  it('leasing goes along the index of what is due, and sorts nothing', { timeout: 60_000 }, async () => {
    await withRows(
      name,
      async (plans) => {
        for (const share of [1, 100, 1_000]) {
          const statements = plans.leases(share);
          expect(statements.length).toBeGreaterThan(0);
          for (const statement of statements) {
            expect(await plans.readsAll(statement), statement.sql).toBe(false);
            expect(await plans.sorts(statement), statement.sql).toBe(false);
          }
        }
      },
      [100_000, 20_000],
    );
  });

  it('settlements find their rows by their keys', { timeout: 60_000 }, async () => {
    await withRows(
      name,
      async (plans) => {
        for (const count of [1, 100, 1_000]) {
          const statements = plans.settlements(count);
          expect(statements).toHaveLength(name === 'mariadb' ? 0 : 4);
          for (const statement of statements)
            expect(await plans.readsAll(statement), statement.sql).toBe(false);
        }
      },
      [100_000, 20_000],
    );
  });
});

async function withRows(
  name: DatabaseName,
  use: (plans: Plans) => Promise<void>,
  [later, due]: readonly [number, number] = [20_000, 0],
): Promise<void> {
  const database = await createDatabase(name);
  const dataSource = await new DataSource(database.options).initialize();
  const repository = await opened(repositoryOn(() => dataSource));
  try {
    const plans = new Plans(dataSource, name);
    await plans.fill(later, due);
    await use(plans);
  } finally {
    await repository.close();
    await dataSource.destroy();
    await database.drop();
  }
}
