import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { DynamicTask, PyncetteModule, PyncetteService, type RepositorySession } from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { SystemClock } from '../../lib/core/clock.js';
import { type TestDatabase, createDatabase, isAvailable } from '../databases/databases.js';
import { LogBook, refusal } from './launch.js';

@Injectable()
class Tasks {
  readonly runs: string[] = [];

  @DynamicTask()
  async run(): Promise<void> {
    this.runs.push('run');
  }
}

/** An application by the system's clock that would not look again for an hour. */
async function start(database: TestDatabase, isPolling: boolean) {
  @Module({
    imports: [
      PyncetteModule.forRoot({
        repository: typeOrmRepository({ ...database.options, notify: true }),
        pollInterval: '1h',
        autoStart: isPolling,
      }),
    ],
    providers: [Tasks],
  })
  class AppModule {}
  const app = await Test.createTestingModule({ imports: [AppModule] })
    .setLogger(new LogBook())
    .compile();
  await app.init();
  onTestFinished(() => app.close());
  return { pyncette: app.get(PyncetteService), tasks: app.get(Tasks) };
}

describe.runIf(isAvailable('postgres'))('notify on PostgreSQL', () => {
  let database: TestDatabase;
  let admin: DataSource;

  beforeAll(async () => {
    database = await createDatabase('postgres');
    admin = await new DataSource(database.options).initialize();
  });
  afterAll(async () => {
    await admin.destroy();
    await database.drop();
  });

  const listening = async (): Promise<number[]> => {
    const rows: { pid: number }[] = await admin.query(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`,
    );
    return rows.map(({ pid }) => pid);
  };

  it('wakes other processes for what becomes due before their next poll, also after its connection was lost', async () => {
    const worker = await start(database, true);
    const web = await start(database, false);
    await vi.waitFor(() => expect(worker.pyncette.lastTick).not.toBeNull(), 5_000);
    await web.pyncette.scheduleTask('run', 'one', { executeIn: 50 });
    await vi.waitFor(() => expect(worker.tasks.runs).toHaveLength(1), 5_000);

    const lost = await listening();
    expect(lost).toHaveLength(2);
    for (const pid of lost) await admin.query('SELECT pg_terminate_backend($1)', [pid]);
    await vi.waitFor(
      async () => {
        const found = await listening();
        expect([found.length, found.some((pid) => lost.includes(pid))]).toEqual([2, false]);
      },
      { timeout: 10_000, interval: 50 },
    );
    await web.pyncette.scheduleTask('run', 'two', { executeIn: 50 });
    await vi.waitFor(() => expect(worker.tasks.runs).toHaveLength(2), 5_000);
  });

  it('makes up for what was told while its connection was lost', async () => {
    const worker = await start(database, true);
    const web = await start(database, false);
    await vi.waitFor(() => expect(worker.pyncette.lastTick).not.toBeNull(), 5_000);
    await web.pyncette.countTasks('run');
    for (const pid of await listening()) await admin.query('SELECT pg_terminate_backend($1)', [pid]);
    await vi.waitFor(async () => expect(await listening()).toEqual([]), 5_000);
    await web.pyncette.scheduleTask('run', 'meanwhile', { executeIn: 1 });
    await vi.waitFor(() => expect(worker.tasks.runs).toHaveLength(1), 5_000);
  });

  it('of a thousand calls tells little more than the nearest', async () => {
    const web = await start(database, false);
    await web.pyncette.countTasks('run');
    const heard: string[] = [];
    const runner = admin.createQueryRunner();
    const client: NodeJS.EventEmitter = await runner.connect();
    client.on('notification', ({ payload }: { payload: string }) => heard.push(payload));
    const [listens]: { query: string }[] = await admin.query(
      `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`,
    );
    await runner.query(listens?.query ?? '');
    await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        web.pyncette.scheduleTask('run', `many${index}`, { executeIn: 600_000 + index }),
      ),
    );
    await vi.waitFor(() => expect(heard.length).toBeGreaterThan(0), 5_000);
    expect(heard.length).toBeLessThan(20);
    await runner.query('UNLISTEN *');
    await runner.release();
  });

  it('tells nothing any more to an application that has closed while another goes on with the same repository', async () => {
    const heard: string[] = [];
    const session = (name: string): RepositorySession => ({
      clock: new SystemClock(),
      isClockGiven: false,
      onDueElsewhere: () => heard.push(name),
    });
    const [closing, staying, speaking] = [session('closing'), session('staying'), session('speaking')];
    const shared = typeOrmRepository({ ...database.options, notify: true });
    const speaker = typeOrmRepository({ ...database.options, notify: true });
    await shared.open(closing);
    await shared.open(staying);
    await speaker.open(speaking);
    await shared.close(closing);
    speaker.announceDue?.(speaker.now() + 60_000);
    await vi.waitFor(() => expect(heard).toContain('staying'), 5_000);
    await shared.close(staying);
    await speaker.close(speaking);
    expect(heard).toEqual(['staying']);
  });
});

describe('notify elsewhere', () => {
  it('is refused with the way out', async () => {
    const repository = typeOrmRepository({ type: 'better-sqlite3', database: ':memory:', notify: true });
    const error = await refusal([Tasks], { repository });
    expect(error.message).toMatch(/works on PostgreSQL only, not on SQLite: leave it out/);
  });

  it('is true or false', async () => {
    const repository = typeOrmRepository({
      type: 'better-sqlite3',
      database: ':memory:',
      notify: 'yes' as unknown as boolean,
    });
    expect((await refusal([Tasks], { repository })).message).toMatch(
      /notify of typeOrmRepository\(\) is "yes"/,
    );
  });
});
