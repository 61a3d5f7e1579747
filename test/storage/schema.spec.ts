import { every } from '../../lib/testing/conformance/store.js';
import { CreatePyncetteTables, pyncetteSql } from 'nestjs-pyncette/typeorm';
import { DataSource, EntitySchema } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DATABASES, type TestDatabase, createDatabase, isAvailable } from '../databases/databases.js';
import { opened, repositoryOn } from './open.js';

const Book = new EntitySchema<{ id: number; title: string }>({
  name: 'book',
  columns: { id: { type: Number, primary: true }, title: { type: String, length: 100 } },
});

describe.each(DATABASES.filter(isAvailable))('The table on %s', (name) => {
  let database: TestDatabase;
  const dataSources: DataSource[] = [];

  beforeEach(async () => {
    database = await createDatabase(name);
  });
  afterEach(async () => {
    for (const one of dataSources.splice(0)) if (one.isInitialized) await one.destroy();
    await database.drop();
  });

  async function connect(options: object = {}): Promise<DataSource> {
    const dataSource = await new DataSource({ ...database.options, ...options }).initialize();
    dataSources.push(dataSource);
    return dataSource;
  }

  it('is created by ten processes that start at once (D11)', async () => {
    const repositories = await Promise.all(
      Array.from({ length: 10 }, async () => opened(repositoryOn(database.options))),
    );
    await repositories[3]?.register([every('bill', 1_000)]);
    const found = await repositories[7]?.find([{ task: 'task', instance: 'bill' }]);
    expect(found?.[0]?.row.instance).toBe('bill');
    await Promise.all(repositories.map((repository) => repository.close()));
  });

  it('is the business of migrations when createTables is false', async () => {
    const dataSource = await connect({ migrations: [CreatePyncetteTables] });
    const repository = repositoryOn(() => dataSource, { createTables: false });
    await expect(opened(repository)).rejects.toThrow(
      /is not there, and createTables is false: run the migration/,
    );
    await dataSource.runMigrations();
    await opened(repository);
    await repository.register([every('bill', 1_000)]);
    await repository.close();
    await dataSource.undoLastMigration();
    await expect(opened(repository)).rejects.toThrow(/is not there/);
  });

  it('has SQL for those who migrate by other means, harmless when run twice', async () => {
    const dataSource = await connect();
    const statements = pyncetteSql(database.options.type, { tableName: 'schedules' });
    for (const sql of [...statements, ...statements]) await dataSource.query(sql);
    const repository = repositoryOn(() => dataSource, { createTables: false, tableName: 'schedules' });
    await opened(repository);
    await repository.close();
  });

  it('leaves nothing for the schema tools of the application to change (D8)', async () => {
    const dataSource = await connect({ entities: [Book] });
    const repository = await opened(repositoryOn(() => dataSource));
    await dataSource.synchronize();
    await repository.register([every('bill', 1_000)]);
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries).toEqual([]);
    await dataSource.synchronize();
    expect((await repository.find([{ task: 'task', instance: 'bill' }]))[0]).not.toBeNull();
    await repository.close();
  });

  it('loses nothing through our connections, whatever the DataSource of the application is told to drop', async () => {
    const dataSource = await connect({ entities: [Book], synchronize: true, dropSchema: true });
    await dataSource.getRepository(Book).save({ id: 1, title: 'Emma' });
    const repository = await opened(repositoryOn(() => dataSource));
    expect(await dataSource.getRepository(Book).count()).toBe(1);
    await repository.close();
  });

  it('is refused when another release has written it', async () => {
    const dataSource = await connect();
    await (await opened(repositoryOn(() => dataSource))).close();
    const write = (version: number): Promise<unknown> =>
      dataSource.query(
        `UPDATE pyncette_tasks SET args = '{"version":${version}}' WHERE task = '' AND instance = ''`,
      );
    await write(2);
    await expect(opened(repositoryOn(() => dataSource))).rejects.toThrow(
      /has version 2, this release needs version 1: a newer release has migrated it: update this application/,
    );
    await write(0);
    await expect(opened(repositoryOn(() => dataSource))).rejects.toThrow(
      /run the migrations of this release/,
    );
  });
});

describe.runIf(isAvailable('postgres'))('The table on postgres', () => {
  it('may have a schema of its own (D12)', async () => {
    const database = await createDatabase('postgres');
    const dataSource = await new DataSource(database.options).initialize();
    const repository = await opened(repositoryOn(() => dataSource, { schema: 'Jobs', tableName: 'Tasks' }));
    await repository.register([every('bill', 1_000)]);
    const found: unknown = await dataSource.query(
      'SELECT instance FROM "Jobs"."Tasks" WHERE task = \'task\'',
    );
    expect(found).toEqual([{ instance: 'bill' }]);
    await repository.close();
    await dataSource.destroy();
    await database.drop();
  });

  it('lives where the DataSource of the application has its own tables', async () => {
    const database = await createDatabase('postgres');
    const bare = await new DataSource(database.options).initialize();
    await bare.query('CREATE SCHEMA "OurApp"');
    const dataSource = await new DataSource({
      ...database.options,
      schema: 'OurApp',
      migrations: [CreatePyncetteTables],
    } as never).initialize();
    await dataSource.runMigrations();
    const repository = await opened(repositoryOn(() => dataSource, { createTables: false }));
    await repository.register([every('bill', 1_000)]);
    const where: unknown = await bare.query(
      "SELECT table_schema FROM information_schema.tables WHERE table_name = 'pyncette_tasks'",
    );
    expect(where).toEqual([{ table_schema: 'OurApp' }]);
    await repository.close();
    await dataSource.destroy();
    await bare.destroy();
    await database.drop();
  });
});
