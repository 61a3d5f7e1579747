import { randomBytes } from 'node:crypto';
import { repositoryConformance } from 'nestjs-pyncette/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { TypeOrmRepository } from '../../lib/storage/typeorm/typeorm.repository.js';
import { type DatabaseName, type TestDatabase, createDatabase, isAvailable } from '../databases/databases.js';

const subjects: readonly (readonly [string, DatabaseName, boolean])[] = [
  ['SQLite', 'sqlite', false],
  ['PostgreSQL', 'postgres', false],
  ['MariaDB', 'mariadb', false],
  ['PostgreSQL, compare and set', 'postgres', true],
  ['SQLite, compare and set', 'sqlite', true],
];

describe.each(subjects.filter(([, name]) => isAvailable(name)))(
  'The repository on %s',
  (_title, name, isCompareAndSet) => {
    let database: TestDatabase;
    let dataSource: DataSource;

    beforeAll(async () => {
      database = await createDatabase(name);
      dataSource = await new DataSource(database.options).initialize();
    });
    afterAll(async () => {
      await dataSource.destroy();
      await database.drop();
    });

    const cases = repositoryConformance(() => {
      const tableName = `tasks_${randomBytes(6).toString('hex')}`;
      return {
        connect: () =>
          new TypeOrmRepository({
            source: () => dataSource,
            tableName,
            schema: null,
            createTables: true,
            queryTimeoutMs: 10_000,
            isCompareAndSet,
            problems: [],
          }),
        destroy: async () => void (await dataSource.query(`DROP TABLE ${tableName}`)),
      };
    });
    for (const { name: title, run } of cases) it(title, run);
  },
);
