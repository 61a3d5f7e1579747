import { TypeOrmModule } from '@nestjs/typeorm';
import { DynamicTask, InvalidTaskException, RepositoryException, Task } from 'nestjs-pyncette';
import {
  CreatePyncetteHistory,
  CreatePyncetteTables,
  type PyncetteTableNames,
  pyncetteSql,
  typeOrmRepository,
} from 'nestjs-pyncette/typeorm';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { launch, refusal } from './launch.js';

const memory = { type: 'better-sqlite3', database: ':memory:' } as const;

describe('typeOrmRepository() is refused for', () => {
  it.each<readonly [string, object, RegExp]>([
    [
      'a table name with a blank',
      { tableName: 'my table' },
      /tableName .* is "my table"; .*plain identifier/,
    ],
    ['a table name with SQL', { tableName: 'a; DROP TABLE b' }, /plain identifier/],
    ['an empty table name', { tableName: '' }, /tableName .* is ""/],
    ['a long table name', { tableName: 'x'.repeat(51) }, /at most 50 letters/],
    ['a schema with a quote', { schema: 'a"b' }, /schema .* plain identifier/],
    ['a misspelt option', { tablename: 'a' }, /no option 'tablename'.*did you mean 'tableName'/],
    ['a misspelt option of ours beside those of TypeORM', { ...memory, table_name: 'a' }, /mean 'tableName'/],
    ['another of them', { ...memory, createTabels: false }, /'createTabels'.*did you mean 'createTables'/],
    ['createTables that is no flag', { createTables: 'no' }, /createTables .* is "no"; it has to be true or/],
    ['a DataSource, and options of another', { ...memory, dataSource: 'jobs' }, /both dataSource and type/],
    [
      'an address',
      'postgres://joe:secret@localhost/jobs' as never,
      /^[^,]*has to be given an object, such as \{ type/m,
    ],
    [
      'a DataSource that is none',
      { dataSource: 5 },
      /dataSource .* is 5; it has to be the name of a DataSource of the application, or an initialized DataSource/,
    ],
    ['a DataSource that is null', { dataSource: null }, /dataSource .* is null; it has to be the name/],
    ['a DataSource that is an empty object', { dataSource: {} }, /dataSource .* is an object; it has to be/],
    ['the class of all DataSources', { dataSource: DataSource }, /dataSource .* is a function; it has to be/],
    [
      'options in place of a DataSource',
      { dataSource: { type: 'postgres', url: 'postgres://joe:secret@localhost/jobs' } },
      /dataSource .* is an object; .*\(of the typeorm that nestjs-pyncette loads\)\. To open one of its own, give its options beside the others: \{ type: /,
    ],
    ['null', null as never, /has to be given an object/],
    ['a time limit of 0', { queryTimeout: 0 }, /queryTimeout .*0 is not a positive/],
  ])('%s, with everything else that is wrong', async (_what, options, message) => {
    const error = await refusal([], { repository: typeOrmRepository(options), batchSize: 0 });
    expect(error).toBeInstanceOf(InvalidTaskException);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('secret');
    expect(error.message).toMatch(/2 problems[^]*batchSize is 0/);
  });

  it.each<readonly [string, object, RegExp]>([
    ['no DataSource', {}, /has no default DataSource: import TypeOrmModule\.forRoot/],
    ['no DataSource of that name', { dataSource: 'jobs' }, /has no DataSource named 'jobs'/],
    [
      'MongoDB',
      { type: 'mongodb', url: 'mongodb://user:secret@127.0.0.1:1/test' },
      /cannot keep its schedule in 'mongodb': it needs an SQL database/,
    ],
    [
      'a driver that is not installed',
      { type: 'oracle' },
      /cannot make a DataSource of type 'oracle': .*oracledb/,
    ],
    ['a type that TypeORM has not', { type: 'postgress' }, /cannot make a DataSource of type 'postgress'/],
  ])('%s', async (_what, options, message) => {
    const error = await refusal([], { repository: typeOrmRepository(options as never) });
    expect(error).toBeInstanceOf(RepositoryException);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('secret');
  });
});

describe('typeOrmRepository() works on', () => {
  class Tasks {
    runs = 0;
    @Task({ interval: '1s' })
    tick(): void {
      this.runs++;
    }
    @DynamicTask({ transactional: true })
    async inside(context: { manager: { query(sql: string): Promise<unknown> } }): Promise<void> {
      await context.manager.query('SELECT 1');
    }
  }

  it('a DataSource of its own', async () => {
    const repository = typeOrmRepository({ ...memory, tableName: 'jobs' });
    const { app, clock, pyncette, of } = await launch([Tasks], { repository });
    await pyncette.scheduleTask('inside', 'a', { executeIn: '1s' });
    await clock.advance('3s');
    expect(app.get(Tasks).runs).toBe(3);
    expect(of('task:succeeded').filter(({ task }) => task === 'inside')).toHaveLength(1);
  });

  it('a named one of the application', async () => {
    const imports = [
      TypeOrmModule.forRoot({ ...memory }),
      TypeOrmModule.forRoot({ ...memory, name: 'jobs', entities: [] }),
    ];
    const repository = typeOrmRepository({ dataSource: 'jobs' });
    const { app, clock } = await launch([Tasks], { repository, imports });
    await clock.advance('2s');
    expect(app.get(Tasks).runs).toBe(2);
    const jobs = app.get<DataSource>('jobsDataSource');
    expect(await jobs.query("SELECT count(*) AS n FROM pyncette_tasks WHERE task = 'tick'")).toEqual([
      { n: 1 },
    ]);
  });

  it('a DataSource that it is given, which stays open when the application closes', async () => {
    const dataSource = await new DataSource({ ...memory }).initialize();
    const repository = typeOrmRepository({ dataSource });
    const { app, clock } = await launch([Tasks], { repository });
    await clock.advance('2s');
    await app.close();
    expect(await dataSource.query('SELECT count(*) AS n FROM pyncette_tasks')).toEqual([{ n: 2 }]);
    await dataSource.destroy();
  });

  it('the default one of the application where `dataSource` is undefined, or one of its own', async () => {
    for (const options of [{ dataSource: undefined }, { ...memory, dataSource: undefined }]) {
      const repository = typeOrmRepository(options);
      const imports = [TypeOrmModule.forRoot({ ...memory })];
      const { app, clock } = await launch([Tasks], { repository, imports });
      await clock.advance('2s');
      expect(app.get(Tasks).runs).toBe(2);
      const tables = await app.get(DataSource).query("SELECT name FROM sqlite_master WHERE type = 'table'");
      expect(tables).toHaveLength('type' in options ? 0 : 1);
    }
  });

  it('options with credentials that are never logged', async () => {
    const repository = typeOrmRepository({ ...memory, password: 'hunter2' } as never);
    const { clock, logged } = await launch([Tasks], { repository });
    await clock.advance('1s');
    expect(logged.join('\n')).toContain('repository');
    expect(logged.join('\n')).not.toContain('hunter2');
  });
});

describe('`manager`', () => {
  it('of another DataSource is refused, and what is no EntityManager', async () => {
    class Templates {
      @DynamicTask()
      run(): void {}
    }
    const other = await new DataSource({ ...memory }).initialize();
    const { pyncette } = await launch([Templates], { repository: typeOrmRepository({ ...memory }) });
    const schedule = (manager: unknown) =>
      pyncette.scheduleTask('run', 'a', { executeIn: '1s', manager: manager as never });
    await other.transaction(async (manager) => {
      await expect(schedule(manager)).rejects.toThrow(/belongs to another DataSource/);
    });
    await expect(schedule({})).rejects.toThrow(/has to be an EntityManager/);
    await other.destroy();
  });
});

describe('SQLite, which has one connection', () => {
  class Templates {
    @DynamicTask({ transactional: true })
    inside(): void {}
  }

  it('is warned about once where there are transactional tasks', async () => {
    const { clock, logged } = await launch([Templates], { repository: typeOrmRepository({ ...memory }) });
    await clock.advance('5s');
    expect(logged.filter((line) => /^warn: SQLite has one connection: .*'inside'/.test(line))).toHaveLength(
      1,
    );
  });

  it('stays healthy when a call forgot its manager', async () => {
    const dataSource = await new DataSource({ ...memory }).initialize();
    const repository = typeOrmRepository({ dataSource });
    const { pyncette, clock, of } = await launch([Templates], { repository });
    await clock.advance('1s');
    await dataSource.transaction(async () => {
      const forgotten = pyncette.scheduleTask('inside', 'a', { executeIn: '1h' });
      await expect(forgotten).rejects.toThrow(/pass `manager`/);
    });
    expect(of('repository:failed')).toEqual([]);
    await clock.advance('1s');
    expect(pyncette.isHealthy()).toBe(true);
    await dataSource.destroy();
  });
});

describe('CreatePyncetteTables.named()', () => {
  it('may be listed for several tables', async () => {
    const migrations = [
      CreatePyncetteTables,
      CreatePyncetteTables.named({ tableName: 'one' }),
      CreatePyncetteTables.named({ tableName: 'other' }),
    ];
    const dataSource = await new DataSource({ ...memory, migrations }).initialize();
    expect(await dataSource.runMigrations()).toHaveLength(3);
    expect(await dataSource.query('SELECT count(*) AS n FROM other')).toEqual([{ n: 1 }]);
    await dataSource.destroy();
  });
});

describe('The names of tables', () => {
  it.each<readonly [string, (names: PyncetteTableNames) => unknown]>([
    ['pyncetteSql()', (names) => pyncetteSql('postgres', names)],
    ['CreatePyncetteTables.named()', (names) => CreatePyncetteTables.named(names)],
    ['CreatePyncetteHistory.named()', (names) => CreatePyncetteHistory.named(names)],
  ])('given to %s are those that typeOrmRepository() takes', (what, use) => {
    const refused = (names: unknown) => {
      try {
        return use(names as PyncetteTableNames);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidTaskException);
        return (error as InvalidTaskException).problems;
      }
    };
    const plain =
      'it has to be a plain identifier: at most 50 letters, digits and underscores, not beginning';
    expect(refused({ tableName: 'a"; DROP TABLE b', schema: '' })).toEqual([
      expect.stringContaining(`tableName of ${what} is "a\\"; DROP TABLE b"; ${plain}`),
      expect.stringContaining(`schema of ${what} is ""; ${plain}`),
    ]);
    expect(refused({ tableName: 'x'.repeat(51) })).toHaveLength(1);
    expect(refused({ tableName: 5n })).toEqual([expect.stringContaining(`tableName of ${what} is 5; `)]);
    expect(refused({ tableName: null })).toHaveLength(1);
    expect(refused(null)).toEqual([`${what} takes tableName and schema in an object, not null`]);
    for (const fine of [{}, { tableName: 'jobs', schema: undefined }, { schema: null }])
      expect(refused(fine)).not.toEqual([expect.any(String)]);
  });

  it('have no SQL for other databases', () => {
    const sql = () => pyncetteSql('oracle');
    expect(sql).toThrow(RepositoryException);
    expect(sql).toThrow(
      /^There is no SQL for 'oracle' here, only for postgres, mysql, mariadb, better-sqlite3:/,
    );
  });
});
