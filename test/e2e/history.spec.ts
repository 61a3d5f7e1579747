import { randomBytes } from 'node:crypto';
import { TypeOrmModule, getDataSourceToken } from '@nestjs/typeorm';
import { Redis } from 'ioredis';
import {
  DynamicTask,
  ExecutionMode,
  type ExecutionRecord,
  FailureMode,
  InvalidTaskException,
  Task,
  type TaskContext,
  type TaskRepository,
  memoryRepository,
} from 'nestjs-pyncette';
import { redisRepository } from 'nestjs-pyncette/redis';
import type { TestClock } from 'nestjs-pyncette/testing';
import { CreatePyncetteHistory, CreatePyncetteTables, typeOrmRepository } from 'nestjs-pyncette/typeorm';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DATABASES, type TestDatabase, createDatabase, isAvailable } from '../databases/databases.js';
import { hasRedis, keysOf, redisUrl, removeNamespace } from '../databases/redis.js';
import { type LaunchOptions, launch, refusal } from './launch.js';

let clock: TestClock | null = null;

class Tasks {
  @Task({ interval: '1h' })
  hourly(): void {}

  @DynamicTask({ retry: { maxAttempts: 2, delay: '5s', exhausted: 'commit' } })
  async fetch(context: TaskContext<{ fails?: number }>): Promise<void> {
    await clock?.sleep('2s');
    if (context.attempt <= (context.args.fails ?? 0)) throw new TypeError('x'.repeat(3_000));
  }

  @DynamicTask({ executionMode: ExecutionMode.AT_MOST_ONCE })
  async once(context: TaskContext<{ fails?: boolean }>): Promise<void> {
    if (context.args.fails === true) throw new Error('too bad');
  }
}

class Transactional {
  @DynamicTask({ transactional: true, failureMode: FailureMode.COMMIT })
  async pay(context: TaskContext<{ fails?: boolean }>): Promise<void> {
    await context.manager.query('SELECT 1');
    if (context.args.fails === true) throw new Error('declined');
  }
}

async function started(options: LaunchOptions = {}, providers = [Tasks] as (new () => object)[]) {
  const launched = await launch(providers, { history: {}, ...options });
  clock = launched.clock;
  const outcomes = async (task: string, instance?: string) => {
    const { executions } = await launched.pyncette.listExecutions(task, instance);
    return executions.map((one) => `${one.instanceName} ${one.attempt} ${one.outcome}`);
  };
  return { ...launched, outcomes };
}

const onDatabase = (database: TestDatabase, table: Parameters<typeof typeOrmRepository>[0] = {}) => ({
  imports: [TypeOrmModule.forRoot({ ...database.options, retryAttempts: 0 })],
  repository: typeOrmRepository(table),
});

const seconds = (at: ExecutionRecord['startedAt']): number =>
  (at.toMillis() - Date.parse('2026-01-01T00:00:00Z')) / 1_000;

describe('The history in memory', () => {
  it('tells of each attempt when it was, how it ended, and where', async () => {
    const { pyncette, clock } = await started();
    await pyncette.scheduleTask('fetch', 'a', { executeIn: '1s', args: { fails: 1 } });
    await clock.advance('1m');
    const { executions, continuationToken } = await pyncette.listExecutions('fetch', 'a');
    expect(continuationToken).toBeNull();
    expect(
      executions.map((one) => [
        one.attempt,
        seconds(one.scheduledAt),
        seconds(one.startedAt),
        seconds(one.finishedAt),
        one.outcome,
      ]),
    ).toEqual([
      [2, 1, 8, 10, 'succeeded'],
      [1, 1, 1, 3, 'failed'],
    ]);
    expect(executions[0]?.executionId).toBe(executions[1]?.executionId);
    expect(executions[0]).toMatchObject({ task: 'fetch', instanceName: 'a', error: null });
    expect(executions[1]?.error).toEqual({ name: 'TypeError', message: 'x'.repeat(2_000) });
    expect(executions[0]?.process).toMatch(/:\d+:[0-9a-f]{6}$/);
  });

  it('is of an instance, of a template, of a static task, in pages', async () => {
    const { pyncette, clock, outcomes } = await started();
    await pyncette.scheduleTask('once', 'a', { interval: '10s' });
    await pyncette.scheduleTask('once', 'b', { executeIn: '1s', args: { fails: true } });
    await clock.advance('1h');
    expect(await outcomes('hourly')).toEqual(['null 1 succeeded']);
    expect(await outcomes('once', 'b')).toEqual(['b 1 failed']);
    const pages: ExecutionRecord[] = [];
    for (let continuationToken: string | null | undefined; continuationToken !== null;) {
      const page = await pyncette.listExecutions('once', null, { limit: 50, continuationToken });
      expect(page.executions.length).toBeLessThanOrEqual(50);
      pages.push(...page.executions);
      ({ continuationToken } = page);
    }
    expect(pages).toHaveLength(361);
    expect(pages.map(({ finishedAt }) => seconds(finishedAt))).toEqual(
      pages.map(({ finishedAt }) => seconds(finishedAt)).sort((one, other) => other - one),
    );
  });

  it('may remember failures only', async () => {
    const { pyncette, clock, outcomes } = await started({ history: { failuresOnly: true } });
    await pyncette.scheduleTask('fetch', 'a', { interval: '20s', args: { fails: 1 } });
    await pyncette.scheduleTask('once', 'good', { interval: '20s' });
    await pyncette.scheduleTask('once', 'bad', { interval: '20s', args: { fails: true } });
    await clock.advance('50s');
    expect(await outcomes('fetch')).toEqual(['a 1 failed', 'a 1 failed']);
    expect(await outcomes('once')).toEqual(['bad 1 failed', 'bad 1 failed']);
  });

  it('outlives its instance, until the retention has passed', async () => {
    const { pyncette, clock, outcomes } = await started({ history: { retention: '30m' } });
    await pyncette.scheduleTask('once', 'a', { interval: '1s' });
    await clock.advance('10s');
    await pyncette.unscheduleTask('once', 'a');
    await clock.advance('25m');
    expect(await outcomes('once')).toHaveLength(10);
    await pyncette.scheduleTask('once', 'b', { executeIn: '1s' });
    await clock.advance('10m');
    expect(await outcomes('once')).toEqual(['b 1 succeeded']);
  });

  it('is bounded, whatever its retention', async () => {
    const { pyncette, clock } = await started();
    await pyncette.scheduleTask('once', 'a', { interval: '1s' });
    await clock.advance('10050s');
    let count = 0;
    for (let continuationToken: string | null | undefined; continuationToken !== null;) {
      const page = await pyncette.listExecutions('once', 'a', { limit: 5_000, continuationToken });
      count += page.executions.length;
      ({ continuationToken } = page);
    }
    // One of the hourly task's two is among the last 10,000.
    expect(count).toBeGreaterThan(9_990);
    expect(count).toBeLessThanOrEqual(10_000);
  });

  it('tells nothing of an execution that a shutdown has interrupted', async () => {
    const repository = memoryRepository();
    const { app, pyncette, clock } = await started({ repository, shutdownTimeout: '1s' });
    class Slow {
      @DynamicTask()
      async slow(context: TaskContext): Promise<void> {
        await clock.sleep('1h', context.signal);
      }
    }
    const other = await started({ repository, clock, shutdownTimeout: '1s' }, [Slow]);
    await other.pyncette.scheduleTask('slow', 'a', { executeIn: 1 });
    await clock.advance('1s');
    const closing = other.app.close();
    await clock.advance('5s');
    await closing;
    const history = await repository.history?.list({ task: 'slow', instance: null, limit: 9, before: null });
    expect(history).toEqual([]);
    expect([app, pyncette]).toBeDefined();
  });
});

describe('The history is refused', () => {
  it('to who asks without keeping one', async () => {
    const { pyncette } = await launch([Tasks]);
    expect(pyncette.keepsHistory).toBe(false);
    await expect(pyncette.listExecutions('once')).rejects.toThrow(
      /keeps no history of executions: give PyncetteModule.forRoot\(\{ history: \{ retention: '7d' \} \}\)/,
    );
    expect(pyncette.isHealthy()).toBe(true);
  });

  it('on a repository that keeps none', async () => {
    const memory = memoryRepository();
    const repository: TaskRepository = new Proxy(memory, {
      get: (target, name) => {
        const member: unknown = name === 'history' ? undefined : Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    const error = await refusal([Tasks], { repository, history: {} });
    expect(error).toBeInstanceOf(InvalidTaskException);
    expect(error.message).toMatch(
      /the repository \(memory\) keeps no history of executions: leave history out/,
    );
  });

  it.each([
    [{ retention: 'long' }, /history: retention: 'long' is not a positive, finite duration/],
    [{ retention: 0 }, /history: retention: 0 is not a positive/],
    [{ failureOnly: true }, /history: there is no option 'failureOnly' \(did you mean 'failuresOnly'\?\)/],
    [{ failuresOnly: 'yes' }, /history: failuresOnly is 'yes'; it has to be true or false/],
    ['7d', /history is '7d'; it has to be an object/],
  ])('with options that are wrong: %j', async (history, message) => {
    expect((await refusal([Tasks], { history: history as never })).message).toMatch(message);
  });

  it('with options of listExecutions that are wrong', async () => {
    const { pyncette } = await started();
    const list = (options: object) => pyncette.listExecutions('once', 'a', options as never);
    await expect(list({ limits: 1 })).rejects.toThrow(/did you mean 'limit'/);
    await expect(list({ limit: -1 })).rejects.toThrow(/limit is -1/);
    await expect(list({ continuationToken: 'YQ' })).rejects.toThrow(/is none that listExecutions\(\) gave/);
    await expect(pyncette.listExecutions('onse')).rejects.toThrow(/did you mean 'once'/);
  });
});

describe.each(DATABASES.filter(isAvailable))('The history on %s', (name) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase(name);
  });
  afterEach(() => database.drop());

  it('has every kind of execution, once', async () => {
    const { pyncette, clock, outcomes } = await started(onDatabase(database), [Tasks, Transactional]);
    await pyncette.scheduleTask('fetch', 'a', { executeIn: '1s', args: { fails: 2 } });
    await pyncette.scheduleTask('once', 'b', { interval: '7s', args: { fails: true } });
    await pyncette.scheduleTask('pay', 'c', { executeIn: '1s' });
    await pyncette.scheduleTask('pay', 'd', { executeIn: '2s', args: { fails: true } });
    await clock.advance('15s');
    expect(await outcomes('fetch')).toEqual(['a 2 failed', 'a 1 failed']);
    expect(await outcomes('once')).toEqual(['b 1 failed', 'b 1 failed']);
    expect(await outcomes('pay')).toEqual(['d 1 failed', 'c 1 succeeded']);
  });

  it('is pruned by processes that poll', async () => {
    const { pyncette, clock, outcomes } = await started({
      ...onDatabase(database),
      history: { retention: '1m' },
    });
    await pyncette.scheduleTask('once', 'a', { interval: '1s' });
    await clock.advance('3m');
    const kept = (await outcomes('once')).length;
    expect(kept).toBeGreaterThanOrEqual(60);
    expect(kept).toBeLessThanOrEqual(68);
  });

  it('has no table unless it is kept', async () => {
    const { app, clock } = await started({ ...onDatabase(database), history: undefined });
    await clock.advance('2h');
    const dataSource = app.get<DataSource>(getDataSourceToken());
    await expect(dataSource.query('SELECT 1 FROM pyncette_tasks_executions')).rejects.toThrow();
  });

  it('that cannot be written keeps no execution from being settled, and is warned about once', async () => {
    const { app, pyncette, clock, logged, of } = await started(onDatabase(database), [Tasks, Transactional]);
    await app.get<DataSource>(getDataSourceToken()).query('DROP TABLE pyncette_tasks_executions');
    for (const [task, instance] of [
      ['fetch', 'a'],
      ['once', 'b'],
      ['pay', 'c'],
    ] as const)
      await pyncette.scheduleTask(task, instance, { interval: '5s' });
    await clock.advance('21s');
    expect(of('task:succeeded').map(({ task }) => task)).toEqual(
      expect.arrayContaining(['fetch', 'once', 'pay']),
    );
    expect(of('task:succeeded')).toHaveLength(3 + 4 + 4);
    expect(of('repository:failed')).toEqual([]);
    expect(logged.filter((line) => line.includes('cannot be written')).length).toBeLessThanOrEqual(2);
    expect(logged.join('\n')).toMatch(/warn: The history of executions cannot be written/);
  });

  it('is the business of migrations when createTables is false', async () => {
    const options = {
      ...database.options,
      retryAttempts: 0,
      migrations: [CreatePyncetteTables.named({ tableName: 'jobs' })],
      migrationsRun: true,
    };
    const repository = typeOrmRepository({ tableName: 'jobs', createTables: false });
    const error = await refusal([Tasks], { repository, history: {} }, [TypeOrmModule.forRoot(options)]);
    expect(error.message).toMatch(
      /jobs_executions.* is not there, .* run the migration CreatePyncetteHistory/,
    );
    const { pyncette, clock, outcomes } = await started({
      imports: [
        TypeOrmModule.forRoot({
          ...options,
          migrations: [...options.migrations, CreatePyncetteHistory.named({ tableName: 'jobs' })],
        }),
      ],
      repository: typeOrmRepository({ tableName: 'jobs', createTables: false }),
    });
    await pyncette.scheduleTask('once', 'a', { executeIn: '1s' });
    await clock.advance('2s');
    expect(await outcomes('once')).toEqual(['a 1 succeeded']);
  });
});

describe.runIf(hasRedis())('The history on Redis', () => {
  let namespace: string;
  let client: Redis;
  beforeEach(() => {
    namespace = `test-${randomBytes(6).toString('hex')}`;
    client = new Redis(redisUrl());
  });
  afterEach(async () => {
    await removeNamespace(client, namespace);
    client.disconnect();
  });

  const inRedis = (options: LaunchOptions = {}) =>
    started({ repository: redisRepository({ url: redisUrl(), namespace }), ...options });
  const historyKeys = async (): Promise<string[]> =>
    (await keysOf(client, namespace)).filter((key) => /:(ended|history)$/.test(key));

  it('has every kind of execution, once, of two applications, in pages', async () => {
    const { pyncette, clock, outcomes } = await inRedis();
    await inRedis({ clock });
    await pyncette.scheduleTask('fetch', 'a', { executeIn: '1s', args: { fails: 2 } });
    await pyncette.scheduleTask('once', 'b', { interval: '7s', args: { fails: true } });
    await pyncette.scheduleTask('once', 'c', { executeIn: '8s' });
    await clock.advance('15s');
    expect(await outcomes('fetch')).toEqual(['a 2 failed', 'a 1 failed']);
    expect(await outcomes('once', 'b')).toEqual(['b 1 failed', 'b 1 failed']);
    const first = await pyncette.listExecutions('once', null, { limit: 2 });
    const { continuationToken } = first;
    const second = await pyncette.listExecutions('once', null, { limit: 2, continuationToken });
    expect(second.continuationToken).toBeNull();
    expect([...first.executions, ...second.executions].map((one) => one.instanceName)).toEqual([
      'b',
      'c',
      'b',
    ]);
    await clock.advance('1h');
    expect(await outcomes('hourly')).toEqual(['null 1 succeeded']);
  });

  it('is pruned by processes that poll, down to the last key', async () => {
    const { pyncette, clock, outcomes } = await inRedis({ history: { retention: '1m' } });
    await pyncette.scheduleTask('once', 'a', { interval: '1s' });
    await clock.advance('3m');
    const kept = (await outcomes('once')).length;
    expect(kept).toBeGreaterThanOrEqual(60);
    expect(kept).toBeLessThanOrEqual(68);
    await pyncette.unscheduleTask('once', 'a');
    await clock.advance('2m');
    expect(await historyKeys()).toEqual([]);
  });

  it('takes no key unless it is kept', async () => {
    const { pyncette, clock, of } = await inRedis({ history: undefined });
    await pyncette.scheduleTask('once', 'a', { interval: '1s' });
    await clock.advance('10s');
    expect(of('task:succeeded')).toHaveLength(10);
    expect(await historyKeys()).toEqual([]);
  });
});
