import Handle from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TypeOrmRepository } from '../../lib/storage/typeorm/typeorm.repository.js';
import { every } from '../../lib/testing/conformance/store.js';
import { type TestDatabase, createDatabase } from '../databases/databases.js';
import { opened, repositoryOn } from './open.js';

const BILL = { task: 'task', instance: 'bill' };

describe('One connection to an SQLite file, shared with the application', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let repository: TypeOrmRepository;

  beforeEach(async () => {
    database = await createDatabase('sqlite');
    dataSource = await new DataSource(database.options).initialize();
    repository = await opened(repositoryOn(() => dataSource));
  });
  afterEach(async () => {
    await repository.close();
    await dataSource.destroy();
    await database.drop();
  });

  it('keeps our writes out of a transaction of the application that is rolled back', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('CREATE TABLE books (id integer)');
    const registered = repository.register([every('bill', 60_000)]);
    expect(await Promise.race([registered.then(() => 'written'), pause(50).then(() => 'waiting')])).toBe(
      'waiting',
    );
    await runner.rollbackTransaction();
    await registered;
    expect((await repository.find([BILL]))[0]).not.toBeNull();
  });

  it('leaves the event loop to others while it waits for a transaction', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    const registered = repository.register([every('bill', 60_000)]);
    let longestMs = 0;
    for (let turn = 0, last = performance.now(); turn < 200; turn++) {
      await pause(1);
      longestMs = Math.max(longestMs, performance.now() - last);
      last = performance.now();
    }
    await runner.commitTransaction();
    await registered;
    expect(longestMs).toBeLessThan(500);
  });

  it('says after five seconds to pass `manager`', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await expect(repository.register([every('bill', 60_000)])).rejects.toThrow(
      /pass `manager` so that the call joins/,
    );
    await runner.rollbackTransaction();
  });

  it('waits for another process that writes, without the event loop standing still', async () => {
    const other = new Handle(String(database.options.database));
    other.exec('BEGIN IMMEDIATE');
    const registered = repository.register([every('bill', 60_000)]);
    expect(await Promise.race([registered.then(() => 'written'), pause(50).then(() => 'waiting')])).toBe(
      'waiting',
    );
    other.exec('COMMIT');
    await registered;
    other.close();
  });

  it('begins a transactional execution anew when it was refused the lock (D2)', async () => {
    const other = new Handle(String(database.options.database));
    other.pragma('journal_mode = WAL');
    other.exec('CREATE TABLE books (id integer)');
    other.exec('BEGIN IMMEDIATE');
    const executed = repository.transact(async ({ manager }) => {
      await (manager as DataSource['manager']).query('INSERT INTO books (id) VALUES (1)');
      return 'done';
    });
    await pause(30);
    other.exec('INSERT INTO books (id) VALUES (2)');
    other.exec('COMMIT');
    expect(await executed).toBe('done');
    expect(other.prepare('SELECT count(*) AS n FROM books').get()).toEqual({ n: 2 });
    other.close();
  });

  it('keeps the busy_timeout that the application has set', async () => {
    const timeout = async (): Promise<unknown> => dataSource.query('PRAGMA busy_timeout');
    const before = await timeout();
    await repository.register([every('bill', 60_000)]);
    expect(await timeout()).toEqual(before);
  });
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
