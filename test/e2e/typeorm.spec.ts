import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  Module,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule, getDataSourceToken } from '@nestjs/typeorm';
import {
  DynamicTask,
  FailureMode,
  PyncetteModule,
  PyncetteService,
  Task,
  type TaskContext,
} from 'nestjs-pyncette';
import { TestClock } from 'nestjs-pyncette/testing';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { type Observable, Subject, race, switchMap, throwError } from 'rxjs';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DATABASES, type TestDatabase, createDatabase, isAvailable } from '../databases/databases.js';

class Journal {
  readonly lines: string[] = [];
}

@Injectable()
class Tasks {
  constructor(readonly journal: Journal) {}

  @DynamicTask()
  async remind(context: TaskContext<{ order?: number }>): Promise<void> {
    this.journal.lines.push(`${context.task.instanceName} ${context.scheduledAt.toFormat('HH:mm:ss')}`);
  }

  @DynamicTask({ transactional: true, leaseDuration: '10s', retry: { maxAttempts: 3, delay: '1s' } })
  async pay(context: TaskContext<{ failUntil?: number }>): Promise<void> {
    await context.manager.query(`INSERT INTO payments (id) VALUES (${context.attempt})`);
    if (context.attempt < (context.args.failUntil ?? 0)) throw new Error('declined');
    this.journal.lines.push(`paid at attempt ${context.attempt}`);
  }

  @DynamicTask({ transactional: true })
  async once(context: TaskContext): Promise<void> {
    await context.manager.query('INSERT INTO payments (id) VALUES (7)');
    await context.app.unscheduleTask(context.task, { manager: context.manager });
  }
}

/** Slower than its timeout; in a savepoint of its own when that passes. */
@Injectable()
class Slow {
  @DynamicTask({ transactional: true, timeout: '2s', failureMode: FailureMode.COMMIT })
  async late(context: TaskContext<{ listens?: boolean }>): Promise<void> {
    await context.manager.transaction(async (savepoint) => {
      await savepoint.query('INSERT INTO payments (id) VALUES (1)');
      await clockOf.late.sleep('5s', context.args.listens === true ? context.signal : undefined);
    });
  }
}
const gaveUp = new Subject<void>();

/** As a `TimeoutInterceptor` does: what it gives up goes on. */
@Injectable()
class GivesUp implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const tooLate = gaveUp.pipe(switchMap(() => throwError(() => new Error('too late'))));
    return race(next.handle(), tooLate);
  }
}

@Injectable()
class GivenUp {
  @DynamicTask({ transactional: true, failureMode: FailureMode.COMMIT })
  @UseInterceptors(GivesUp)
  async late(context: TaskContext): Promise<void> {
    await context.manager.query('INSERT INTO payments (id) VALUES (1)');
    gaveUp.next();
    await clockOf.late.sleep('5s');
  }
}
const clockOf: { late: TestClock } = { late: new TestClock() };

@Injectable()
class Hourly {
  @Task({ schedule: '0 * * * *' })
  async hourly(): Promise<void> {}
}

describe.each(DATABASES.filter(isAvailable))('An application with its schedule in %s', (name) => {
  let database: TestDatabase;
  const opened: TestingModule[] = [];

  beforeEach(async () => {
    database = await createDatabase(name);
  });
  afterEach(async () => {
    for (const app of opened.splice(0)) await app.close();
    await database.drop();
  });

  async function start(clock: TestClock, providers = [Tasks] as (new (...given: never[]) => object)[]) {
    @Module({
      imports: [
        TypeOrmModule.forRoot({ ...database.options, retryAttempts: 0 }),
        PyncetteModule.forRoot({ repository: typeOrmRepository(), clock }),
      ],
      providers: [...providers, Journal],
    })
    class AppModule {}
    const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
    opened.push(app);
    await app.init();
    const pyncette = app.get(PyncetteService);
    const dataSource = app.get<DataSource>(getDataSourceToken());
    return { app, pyncette, dataSource, lines: app.get(Journal).lines };
  }

  const payments = async (dataSource: DataSource): Promise<number[]> => {
    const rows: unknown = await dataSource.query('SELECT id FROM payments ORDER BY id');
    return (rows as { id: number }[]).map(({ id }) => Number(id));
  };

  it('goes on where it was after a restart', async () => {
    const before = new TestClock('2026-01-01T00:00:00Z');
    const first = await start(before);
    await first.pyncette.scheduleTask('remind', 'bill', { interval: '10s', args: { order: 1 } });
    await before.advance('15s');
    expect(first.lines).toEqual(['bill 00:00:10']);
    await first.app.close();

    const after = new TestClock('2026-01-01T00:00:18Z');
    const second = await start(after);
    await after.advance('15s');
    expect(second.lines).toEqual(['bill 00:00:20', 'bill 00:00:30']);
    expect((await second.pyncette.getTask('remind', 'bill'))?.args).toEqual({ order: 1 });
  });

  it('schedules within a transaction of the application, and wakes up after its commit only', async () => {
    const clock = new TestClock('2026-01-01T00:00:00Z');
    const { pyncette, dataSource, lines } = await start(clock);
    const events: string[] = [];
    pyncette.events$.subscribe(({ type }) => void (type.startsWith('instance:') && events.push(type)));
    await dataSource.query('CREATE TABLE orders (id integer)');

    const failed = dataSource.transaction(async (manager) => {
      await manager.query('INSERT INTO orders (id) VALUES (1)');
      await pyncette.scheduleTask('remind', 'one', { executeIn: '1s', manager });
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await pyncette.getTask('remind', 'one')).toBeNull();
    expect(events).toEqual([]);

    await dataSource.transaction(async (manager) => {
      await manager.query('INSERT INTO orders (id) VALUES (2)');
      await pyncette.scheduleTasks('remind', [{ instanceName: 'two', executeIn: '1s' }], { manager });
      await manager.transaction(async () => undefined);
      expect(events).toEqual([]);
    });
    expect(events).toEqual(['instance:scheduled']);
    await dataSource.transaction(async (manager) => {
      const undone = manager.transaction(async (savepoint) => {
        await pyncette.scheduleTask('remind', 'undone', { executeIn: '1s', manager: savepoint });
        throw new Error('no');
      });
      await expect(undone).rejects.toThrow('no');
      await manager.transaction(async (savepoint) => {
        await pyncette.scheduleTask('remind', 'kept', { executeIn: '1h', manager: savepoint });
      });
    });
    expect(await pyncette.getTask('remind', 'undone')).toBeNull();
    expect(await pyncette.getTask('remind', 'kept')).not.toBeNull();
    expect(events).toEqual(['instance:scheduled', 'instance:scheduled']);
    await clock.advance('2s');
    expect(lines).toEqual(['two 00:00:01']);

    await pyncette.scheduleTask('remind', 'three', { executeIn: '1h' });
    const undone = dataSource.transaction(async (manager) => {
      expect(await pyncette.unscheduleTask('remind', 'three', { manager })).toBe(true);
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    expect(await pyncette.getTask('remind', 'three')).not.toBeNull();
  });

  it('takes a manager that is in no transaction, and none, as if it were not given', async () => {
    const clock = new TestClock('2026-01-01T00:00:00Z');
    const { pyncette, dataSource, lines } = await start(clock);
    const events: string[] = [];
    pyncette.events$.subscribe(({ type }) => void (type.startsWith('instance:') && events.push(type)));
    await pyncette.scheduleTask('remind', 'one', { executeIn: '1s', manager: dataSource.manager });
    const queryRunner = dataSource.createQueryRunner();
    const { manager } = queryRunner;
    await pyncette.scheduleTask('remind', 'two', { executeIn: '2s', manager });
    await queryRunner.release();
    await pyncette.scheduleTasks('remind', [{ instanceName: 'three', executeIn: '3s' }], {
      manager: null as never,
    });
    expect(events).toEqual(Array(3).fill('instance:scheduled'));
    await clock.advance('3s');
    expect(lines).toEqual(['one 00:00:01', 'two 00:00:02', 'three 00:00:03']);
    const nobodys = { executeIn: '1s', manager: {} as never };
    await expect(pyncette.scheduleTask('remind', 'four', nobodys)).rejects.toThrow(/EntityManager/);
    expect(await pyncette.getTask('remind', 'four')).toBeNull();
  });

  it('takes durations longer than all calendars, which are as good as never', async () => {
    const clock = new TestClock('2026-01-01T00:00:00Z');
    const { pyncette, lines } = await start(clock);
    await pyncette.scheduleTask('remind', 'never', { interval: Number.MAX_VALUE });
    await pyncette.scheduleTask('remind', 'once', { executeIn: Number.MAX_SAFE_INTEGER });
    await pyncette.scheduleTask('remind', 'soon', { executeIn: '1s' });
    await clock.advance('2s');
    expect(lines).toEqual(['soon 00:00:01']);
    const { tasks } = await pyncette.listTasks('remind');
    expect(tasks.map(({ instanceName }) => instanceName)).toEqual(['never', 'once']);
    for (const { scheduledAt } of tasks) expect(scheduledAt?.year).toBeGreaterThan(100_000);
  });

  it('undoes what a failed transactional execution has done, and keeps what a succeeded one has', async () => {
    const clock = new TestClock('2026-01-01T00:00:00Z');
    const { pyncette, dataSource, lines } = await start(clock);
    await dataSource.query('CREATE TABLE payments (id integer)');
    await pyncette.scheduleTask('pay', 'bill', { executeIn: '1s', args: { failUntil: 3 } });
    await clock.advance('5s');
    expect(lines).toEqual(['paid at attempt 3']);
    expect(await payments(dataSource)).toEqual([3]);
    expect(await pyncette.getTask('pay', 'bill')).toBeNull();
  });

  it.each([
    ['listens to its signal', Slow, true, 12],
    ['does not listen', Slow, false, 15],
    ['is given up by an interceptor', GivenUp, false, 15],
  ])('undoes a transactional execution that took too long and %s', async (_how, Tasks, listens, failsAt) => {
    const clock = (clockOf.late = new TestClock('2026-01-01T00:00:00Z'));
    const { pyncette, dataSource } = await start(clock, [Tasks]);
    await dataSource.query('CREATE TABLE payments (id integer)');
    const failures: number[] = [];
    pyncette.events$.subscribe(({ type, at }) => void (type === 'task:failed' && failures.push(at)));
    await pyncette.scheduleTask('late', 'bill', { interval: '10s', args: { listens } });
    await clock.advance('18s');
    expect(failures.map((at) => new Date(at).getSeconds())).toEqual([failsAt]);
    expect((await pyncette.getTask('late', 'bill'))?.scheduledAt?.second).toBe(20);
    // What the application writes afterwards is in no transaction that somebody has left open.
    await Promise.all([2, 3, 4].map((id) => dataSource.query(`INSERT INTO payments (id) VALUES (${id})`)));
    const other = await new DataSource(database.options).initialize();
    expect(await payments(other)).toEqual([2, 3, 4]);
    await other.destroy();
  });

  it('lets a transactional execution unschedule itself in its own transaction', async () => {
    const clock = new TestClock('2026-01-01T00:00:00Z');
    const { pyncette, dataSource } = await start(clock);
    await dataSource.query('CREATE TABLE payments (id integer)');
    await pyncette.scheduleTask('once', 'bill', { interval: '1s' });
    await clock.advance('5s');
    expect(await payments(dataSource)).toEqual([7]);
    expect(await pyncette.getTask('once', 'bill')).toBeNull();
  });

  it('follows a static schedule that changed in code, and leaves the rows of unknown tasks alone', async () => {
    const clock = new TestClock('2026-01-01T00:30:00Z');
    const first = await start(clock, [Hourly, Tasks]);
    await first.pyncette.scheduleTask('remind', 'bill', { interval: '1h' });
    expect((await first.pyncette.getTask('hourly'))?.scheduledAt?.toISO()).toBe('2026-01-01T01:00:00.000Z');
    await first.app.close();

    @Injectable()
    class HalfPast {
      @Task({ name: 'hourly', schedule: '45 * * * *' })
      async hourly(): Promise<void> {}
    }
    const second = await start(clock, [HalfPast]);
    expect((await second.pyncette.getTask('hourly'))?.scheduledAt?.toISO()).toBe('2026-01-01T00:45:00.000Z');
    await clock.advance('3h');
    await second.app.close();
    const third = await start(clock, [Tasks]);
    expect(await third.pyncette.getTask('remind', 'bill')).not.toBeNull();
  });

  it('stores many instances in statements of bounded size, and says how far it is', async () => {
    const clock = new TestClock('2026-01-01T00:00:00Z');
    const { pyncette } = await start(clock);
    const instances = Array.from({ length: 2_500 }, (_, index) => ({
      instanceName: `i${index}`,
      executeIn: '1h',
      args: { order: index },
    }));
    const progress: number[] = [];
    await pyncette.scheduleTasks('remind', instances, { onProgress: ({ done }) => progress.push(done) });
    expect(progress).toEqual([1_000, 2_000, 2_500]);
    let count = 0;
    for await (const task of pyncette.iterateTasks('remind')) count += task.state === 'scheduled' ? 1 : 0;
    expect(count).toBe(2_500);
  });

  it('runs by the time of the database, without a clock given', async () => {
    @Module({
      imports: [
        TypeOrmModule.forRoot({ ...database.options, retryAttempts: 0 }),
        PyncetteModule.forRoot({
          repository: typeOrmRepository({ tableName: 'other_table' }),
          pollInterval: '5s',
        }),
      ],
      providers: [Tasks, Journal],
    })
    class AppModule {}
    const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
    opened.push(app);
    await app.init();
    await app.get(PyncetteService).scheduleTask('remind', 'bill', { executeIn: 50 });
    const { lines } = app.get(Journal);
    await expect.poll(() => lines.length, { timeout: 4_000 }).toBe(1);
  });
});
