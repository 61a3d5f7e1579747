import type { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule, getDataSourceToken } from '@nestjs/typeorm';
import {
  DynamicTask,
  LeaseLostException,
  PyncetteModule,
  PyncetteService,
  type TaskContext,
  WithHeartbeat,
} from 'nestjs-pyncette';
import { TestClock } from 'nestjs-pyncette/testing';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DATABASES, type TestDatabase, createDatabase, isAvailable } from '../databases/databases.js';
import { opened, repositoryOn } from '../storage/open.js';
import { every } from '../../lib/testing/conformance/store.js';
import { LogBook } from './launch.js';

@Injectable()
class Tasks {
  readonly starts: string[] = [];
  readonly seen: unknown[] = [];
  clock = new TestClock();

  @DynamicTask()
  async quick(context: TaskContext): Promise<void> {
    this.starts.push(String(context.task.instanceName));
  }

  @DynamicTask()
  async slow(context: TaskContext): Promise<void> {
    this.starts.push(String(context.task.instanceName));
    await sleep(300);
  }

  @DynamicTask({ leaseDuration: '10s' })
  @WithHeartbeat()
  async kept(context: TaskContext): Promise<void> {
    this.starts.push(context.executionId);
    await this.clock.sleep('60s', context.signal).catch((error: unknown) => this.seen.push(error));
  }
}

describe.each(DATABASES.filter(isAvailable))('Pitfalls with the schedule in %s', (name) => {
  let database: TestDatabase;
  const closing: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    database = await createDatabase(name);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await database.drop();
  });

  async function start(options: { clock?: TestClock; autoStart?: boolean } = {}) {
    @Module({
      imports: [
        TypeOrmModule.forRoot({ ...database.options, poolSize: 3, retryAttempts: 0 } as never),
        PyncetteModule.forRoot({ repository: typeOrmRepository(), pollInterval: 50, ...options }),
      ],
      providers: [Tasks],
    })
    class AppModule {}
    const app = await Test.createTestingModule({ imports: [AppModule] })
      .setLogger(new LogBook())
      .compile();
    closing.push(() => app.close());
    await app.init();
    const dataSource = app.get<DataSource>(getDataSourceToken());
    return { app, tasks: app.get(Tasks), pyncette: app.get(PyncetteService), dataSource };
  }

  it('L2: the same process that acquires an instance again has another lease', async () => {
    const dataSource = await new DataSource(database.options).initialize();
    closing.push(() => dataSource.destroy());
    const repository = await opened(repositoryOn(() => dataSource));
    closing.push(() => repository.close());
    await repository.register([every('a', 1)]);
    await sleep(10);
    const claim = () =>
      repository.claimDue({
        tasks: [{ task: 'task', isStatic: false, queues: ['task'], leaseMs: 30, limit: 1 }],
        limit: 1,
        owner: 'the same process',
      });
    const first = (await claim()).claimed[0]?.row;
    await sleep(60);
    const second = (await claim()).claimed[0]?.row;
    expect(first?.lockedBy).toBe(second?.lockedBy);
    expect(first?.leaseToken).not.toBe(second?.leaseToken);
    const proof = {
      task: 'task',
      instance: 'a',
      leaseToken: first?.leaseToken ?? '',
      attempt: first?.attempt ?? 0,
    };
    const settlement = { kind: 'done', next: null, jitterMs: 0, error: null } as const;
    expect(await repository.settle([{ ...proof, settlement }])).toEqual(['lost']);
    expect(await repository.renew([{ ...proof, until: repository.now() + 1_000 }])).toEqual([
      { kind: 'lost' },
    ]);
  });

  it('L3: a lease that was stolen is noticed by the next heartbeat, which aborts the signal', async () => {
    const clock = new TestClock();
    const { tasks, pyncette, dataSource } = await start({ clock });
    tasks.clock = clock;
    await pyncette.scheduleTask('kept', 'a', { executeIn: '1s' });
    await clock.advance('1s');
    expect(tasks.starts).toHaveLength(1);
    await dataSource.query("UPDATE pyncette_tasks SET lease_token = 'thief' WHERE instance = 'a'");
    await clock.advance('6s');
    expect(tasks.seen).toHaveLength(1);
    expect(tasks.seen[0]).toBeInstanceOf(LeaseLostException);
  });

  it('L9: four applications that schedule the same at their start, three times over, postpone nothing', async () => {
    const clock = new TestClock();
    const runs: string[] = [];
    for (let boot = 0; boot < 3; boot++) {
      const apps = await Promise.all(Array.from({ length: 4 }, () => start({ clock })));
      await Promise.all(apps.map(({ pyncette }) => pyncette.scheduleTask('quick', 'a', { interval: '5s' })));
      await clock.advance('4s');
      await Promise.all(apps.map(({ pyncette }) => pyncette.scheduleTask('quick', 'a', { interval: '5s' })));
      runs.push(...apps.flatMap(({ tasks }) => tasks.starts));
      for (const { app } of apps) await app.close();
    }
    expect(runs).toEqual(['a', 'a']);
  });

  it('L11: a task of a millisecond is run once by ten processes that come late and early', async () => {
    const apps = await Promise.all(Array.from({ length: 10 }, () => start()));
    const many = Array.from({ length: 30 }, (_, index) => ({
      instanceName: `i${index}`,
      executeIn: index * 20,
    }));
    await apps[0]?.pyncette.scheduleTasks('quick', many);
    const starts = () => apps.flatMap(({ tasks }) => tasks.starts);
    await expect.poll(() => starts().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(30);
    await expect.poll(async () => (await apps[0]?.pyncette.listTasks('quick'))?.tasks).toEqual([]);
    expect(starts().sort()).toEqual(many.map(({ instanceName }) => instanceName).sort());
  });

  it('S3: close() in the middle of executions: every settlement lands before the DataSource closes', async () => {
    const { app, tasks, pyncette } = await start();
    const many = Array.from({ length: 20 }, (_, index) => ({ instanceName: `i${index}`, executeIn: 0 }));
    await pyncette.scheduleTasks('slow', many);
    await expect.poll(() => tasks.starts.length, { timeout: 5_000 }).toBeGreaterThan(0);
    await app.close();
    const started = new Set(tasks.starts);
    const after = await start({ autoStart: false });
    const left = (await after.pyncette.listTasks('slow')).tasks.map(({ instanceName }) =>
      String(instanceName),
    );
    expect(left.filter((instance) => started.has(instance))).toEqual([]);
    expect(started.size + left.length).toBe(20);
  });

  it('D4: five claimers at once share out what is due, and nobody waits for another', async () => {
    const dataSource = await new DataSource(database.options).initialize();
    closing.push(() => dataSource.destroy());
    const repositories = await Promise.all(
      Array.from({ length: 5 }, async () => opened(repositoryOn(() => dataSource))),
    );
    closing.push(() => Promise.all(repositories.map((repository) => repository.close())));
    await repositories[0]?.register(
      Array.from({ length: 1_000 }, (_, index) => every(`i${String(index).padStart(4, '0')}`, 1)),
    );
    await sleep(10);
    const taken: string[] = [];
    let calls = 0;
    const claimAll = async (repository: (typeof repositories)[number], owner: number): Promise<void> => {
      const tasks = [{ task: 'task', isStatic: false, queues: ['task'], leaseMs: 60_000, limit: 20 }];
      while (taken.length < 1_000) {
        const { claimed } = await repository.claimDue({ tasks, limit: 20, owner: String(owner) });
        calls++;
        taken.push(...claimed.map(({ row }) => row.instance));
      }
    };
    await Promise.all(repositories.map(claimAll));
    // Without rivals it would be 50.
    expect(calls).toBeLessThan(150);
    expect(new Set(taken).size).toBe(taken.length);
  });
});

describe.each((['postgres', 'mariadb'] as const).filter(isAvailable))(
  'A query of %s that is not answered',
  (name) => {
    it('is given up after queryTimeout, holds up nobody, and works again when it can (S6)', async () => {
      const database = await createDatabase(name);
      const dataSource = await new DataSource({ ...database.options, poolSize: 2 } as never).initialize();
      const repository = await opened(repositoryOn(() => dataSource, { queryTimeoutMs: 300 }));
      await repository.register([every('stuck', 1), every('free', 1)]);
      await sleep(10);
      const tasks = [{ task: 'task', isStatic: false, queues: ['task'], leaseMs: 60_000, limit: 10 }];
      const { claimed } = await repository.claimDue({ tasks, limit: 10, owner: 'test' });
      const renew = (instance: string) => {
        const row = claimed.find((one) => one.row.instance === instance)?.row;
        const proof = { leaseToken: row?.leaseToken ?? '', attempt: row?.attempt ?? 0 };
        return repository.renew([{ task: 'task', instance, ...proof, until: repository.now() + 60_000 }]);
      };
      const blocker = dataSource.createQueryRunner();
      await blocker.startTransaction();
      await blocker.query(
        "UPDATE pyncette_tasks SET version = version + 1 WHERE task = 'task' AND instance = 'stuck'",
      );
      // More often than there are connections.
      for (let time = 0; time < 5; time++) {
        await expect(renew('stuck')).rejects.toThrow(/has not answered within 300 ms \(queryTimeout\)/);
        expect(await renew('free')).toMatchObject([{ kind: 'renewed' }]);
      }
      await blocker.rollbackTransaction();
      await blocker.release();
      expect(await renew('stuck')).toMatchObject([{ kind: 'renewed' }]);
      await repository.close();
      await dataSource.destroy();
      await database.drop();
    });
  },
);

describe.runIf(isAvailable('postgres'))('Pitfalls of PostgreSQL', () => {
  it('D5: a claim writes no index: it is a heap-only update', async () => {
    const database = await createDatabase('postgres');
    const dataSource = await new DataSource({ ...database.options, poolSize: 1 } as never).initialize();
    const repository = await opened(repositoryOn(() => dataSource));
    await repository.register(Array.from({ length: 100 }, (_, index) => every(`i${index}`, 1)));
    await sleep(10);
    const tasks = [{ task: 'task', isStatic: false, queues: ['task'], leaseMs: 60_000, limit: 10 }];
    const { claimed } = await repository.claimDue({ tasks, limit: 10, owner: 'test' });
    expect(claimed).toHaveLength(10);
    await repository.close();
    // The statistics of a session are complete when it has ended.
    const updates = async (): Promise<unknown> =>
      dataSource.query(
        "SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = 'pyncette_tasks'",
      );
    await expect.poll(updates, { timeout: 5_000 }).toEqual([{ updates: 10, hot: 10 }]);
    await dataSource.destroy();
    await database.drop();
  });

  it('S6: a connection that the server ends while nobody listens to it does not end the process', async () => {
    const database = await createDatabase('postgres');
    const dataSource = await new DataSource({ ...database.options, poolSize: 2 } as never).initialize();
    const repository = await opened(repositoryOn(() => dataSource));
    const { master: pool } = dataSource.driver as unknown as {
      master: { connect(): Promise<EventEmitter & { release(error: Error): void }> };
    };
    for (const client of [await pool.connect(), await pool.connect()]) {
      const error = new Error('terminating connection due to administrator command');
      expect(() => client.emit('error', error)).not.toThrow();
      client.release(error);
    }
    await repository.close();
    await dataSource.destroy();
    await database.drop();
  });
});
