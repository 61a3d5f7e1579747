import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { PreparedStatements } from '../../lib/storage/typeorm/connections/prepared-statements.js';
import { postgres } from '../../lib/storage/typeorm/dialects/postgres.js';
import { query, queryValues } from '../../lib/storage/typeorm/statement.js';
import { createDatabase, isAvailable } from '../databases/databases.js';

describe.runIf(isAvailable('postgres'))('Prepared statements on PostgreSQL', () => {
  it('are known by their text, and done without once somebody else has the connection in between', async () => {
    const database = await createDatabase('postgres');
    const dataSource = await new DataSource({ ...database.options, poolSize: 2 } as never).initialize();
    const runner = dataSource.createQueryRunner();
    const second = dataSource.createQueryRunner();
    const prepared = new PreparedStatements(postgres);
    const names = async (): Promise<string[]> => {
      const rows: { name: string }[] = await runner.query('SELECT name FROM pg_prepared_statements');
      return rows.map(({ name }) => name);
    };
    const ask = (on = runner) => prepared.drive(queryValues('SELECT ?::int + 1', [41]), on);
    try {
      expect([await ask(), await ask()]).toEqual([[['42']], [['42']]]);
      const [name, ...others] = await names();
      expect(name).toMatch(/^pyncette_[0-9a-f]{32}$/);
      expect(others).toEqual([]);

      // What a pooler in transaction mode does.
      await ask(second);
      for (const one of [runner, second]) await one.query('DEALLOCATE ALL');
      const refused = await Promise.allSettled([ask(), ask(second)]);
      // Both were on the way: the first refusal does not make the second one another's.
      for (const one of refused)
        expect(prepared.isRefusal(one.status === 'rejected' ? one.reason : null)).toBe(true);
      expect(prepared.isRefusal(new Error('something else'))).toBe(false);
      expect(await ask()).toEqual([['42']]);
      expect(await names()).toEqual([]);
      expect((await prepared.drive(query('SELECT 7 AS seven'), runner)).records).toEqual([{ seven: 7 }]);
    } finally {
      await runner.release();
      await second.release();
      await dataSource.destroy();
      await database.drop();
    }
  });
});
