import { randomBytes } from 'node:crypto';
import { repositoryConformance } from 'nestjs-pyncette/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { TypeOrmRepository } from '../../lib/storage/typeorm/typeorm.repository.js';
import { type DatabaseName, type TestDatabase, createDatabase, isAvailable } from '../databases/databases.js';

/** Cases in which several handles are at work: to the others it is all the same whose DataSource it is. */
const OF_SEVERAL = /^(schedulers|clients|claim|random calls|rows: all handles|history: a thousand)/;

/** On the plain ways there are more of them. */
const MORE_WALKS = /walk [34]/;

/** Whether rows are compared and set, and whether each handle is an application with a DataSource of its own. */
interface Way {
  readonly isCompareAndSet?: boolean;
  readonly isApart?: boolean;
}

const subjects: readonly (readonly [string, DatabaseName, Way])[] = [
  ['SQLite', 'sqlite', {}],
  ['PostgreSQL', 'postgres', {}],
  ['MariaDB', 'mariadb', {}],
  ['SQLite, each application with a DataSource of its own', 'sqlite', { isApart: true }],
  ['PostgreSQL, each application with a DataSource of its own', 'postgres', { isApart: true }],
  ['MariaDB, each application with a DataSource of its own', 'mariadb', { isApart: true }],
  ['PostgreSQL, compare and set', 'postgres', { isCompareAndSet: true }],
  ['SQLite, compare and set', 'sqlite', { isCompareAndSet: true }],
];

describe.each(subjects.filter(([, name]) => isAvailable(name)))(
  'The repository on %s',
  (_title, name, { isCompareAndSet = false, isApart = false }) => {
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
            source: isApart ? database.options : () => dataSource,
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
    const isPlain = !isApart && !isCompareAndSet;
    for (const { name: title, run } of cases)
      if (isPlain || !MORE_WALKS.test(title)) if (!isApart || OF_SEVERAL.test(title)) it(title, run);
  },
);
