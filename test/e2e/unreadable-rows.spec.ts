import { TypeOrmModule, getDataSourceToken } from '@nestjs/typeorm';
import { DynamicTask, ExecutionMode, type TaskContext } from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DATABASES, type TestDatabase, createDatabase, isAvailable } from '../databases/databases.js';
import { launch } from './launch.js';

/** A Standard Schema by hand: what it wants changes with the release. */
const wanted = { property: 'n' };
const schema = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) =>
      wanted.property in (value as object)
        ? { value: value as object }
        : { issues: [{ message: 'is missing', path: [wanted.property] }] },
  },
};

class Tasks {
  runs: string[] = [];

  @DynamicTask()
  async plain(context: TaskContext): Promise<void> {
    this.runs.push(String(context.task.instanceName));
  }

  @DynamicTask({ executionMode: ExecutionMode.AT_MOST_ONCE })
  async once(context: TaskContext): Promise<void> {
    this.runs.push(String(context.task.instanceName));
  }

  @DynamicTask({ argsSchema: schema, leaseDuration: '5s' })
  async checked(context: TaskContext<Record<string, unknown>>): Promise<void> {
    this.runs.push(String(context.task.instanceName));
    if (context.args['schedules'] === true) await context.app.scheduleTask('checked', 'x', { executeIn: 1 });
  }
}

describe.each(DATABASES.filter(isAvailable))('A row that cannot be read, on %s', (name) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase(name);
  });
  afterEach(() => database.drop());

  it('is parked with its error, is counted and announced, and blocks nobody', async () => {
    const launched = await launch([Tasks], {
      imports: [TypeOrmModule.forRoot({ ...database.options, retryAttempts: 0 })],
      repository: typeOrmRepository(),
      concurrencyLimit: 2,
    });
    const { app, pyncette, clock, of, logged } = launched;
    const dataSource = app.get<DataSource>(getDataSourceToken());
    const damage = async (instance: string, column: string, text: string) =>
      dataSource.query(`UPDATE pyncette_tasks SET ${column} = '${text}' WHERE instance = '${instance}'`);
    for (const task of ['plain', 'once'])
      for (const kind of ['schedule', 'unknown', 'args', 'list', 'good'])
        await pyncette.scheduleTask(task, `${task} ${kind}`, { interval: '10s' });
    for (const task of ['plain', 'once']) {
      await damage(`${task} schedule`, 'schedule', '{"v":1,"every":');
      await damage(`${task} unknown`, 'schedule', '{"v":99,"moon":"full"}');
      await damage(`${task} args`, 'args', '{"secret');
      await damage(`${task} list`, 'args', '[1]');
    }
    await clock.advance('35s');
    expect(app.get(Tasks).runs.sort()).toEqual([
      ...Array(3).fill('once good'),
      ...Array(3).fill('plain good'),
    ]);
    for (const task of ['plain', 'once']) {
      expect(await pyncette.countTasks(task, { state: 'parked' })).toBe(4);
      const { tasks } = await pyncette.listTasks(task, { state: 'parked' });
      expect(tasks.map(({ lastError }) => lastError?.name)).toEqual(Array(4).fill('RangeError'));
      expect((await pyncette.getTask(task, `${task} schedule`))?.lastError?.message).toMatch(/is not JSON/);
      expect((await pyncette.getTask(task, `${task} unknown`))?.schedule).toBeNull();
    }
    expect(of('task:parked').map(({ instanceName }) => instanceName)).toHaveLength(8);
    expect(logged).toContain('error: plain:plain args is parked until resumeTask(): RangeError');
    expect(logged.join()).not.toContain('secret');
    await damage('plain args', 'args', '{}');
    expect(await pyncette.resumeTasks('plain', { state: 'parked' })).toBe(4);
    await clock.advance('1s');
    expect(app.get(Tasks).runs).toContain('plain args');
    expect(await pyncette.countTasks('plain', { state: 'parked' })).toBe(3);
  });
});

describe('Args that their schema refuses', () => {
  it('park the instance, which is announced', async () => {
    wanted.property = 'n';
    const { app, pyncette, clock, of, logged } = await launch([Tasks]);
    await pyncette.scheduleTask('checked', 'old', { interval: '1s', args: { n: 1 } });
    await pyncette.scheduleTask('checked', 'new', { interval: '1s', args: { n: 1, m: 1 } });
    wanted.property = 'm';
    await clock.advance('30s');
    expect(app.get(Tasks).runs.filter((run) => run === 'new')).toHaveLength(30);
    expect(app.get(Tasks).runs).not.toContain('old');
    expect(of('task:parked')).toMatchObject([{ task: 'checked', instanceName: 'old' }]);
    expect(of('task:failed')).toHaveLength(1);
    expect(await pyncette.getTask('checked', 'old')).toMatchObject({
      state: 'parked',
      lastError: { name: 'InvalidScheduleException', message: expect.stringMatching(/m: is missing/) },
    });
    expect(logged).toContain('error: checked:old is parked until resumeTask(): InvalidScheduleException');
    await pyncette.scheduleTask('checked', 'old', { interval: '1s', args: { m: 1 } });
    expect(await pyncette.resumeTasks('checked', { state: 'parked' })).toBe(1);
    await clock.advance('1s');
    expect(app.get(Tasks).runs).toContain('old');
  });

  it('of a triggered run end that run only', async () => {
    wanted.property = 'n';
    const { app, pyncette, clock, of } = await launch([Tasks]);
    await pyncette.scheduleTask('checked', 'a', { interval: '10s', args: { m: 1 } }).catch(() => undefined);
    await pyncette.scheduleTask('checked', 'a', { interval: '10s', args: { n: 1 } });
    wanted.property = 'm';
    await pyncette.triggerTask('checked', 'a', { args: { k: 1 } });
    await clock.advance('1s');
    wanted.property = 'n';
    expect(of('task:failed')).toHaveLength(1);
    expect(of('task:parked')).toEqual([]);
    await clock.advance('9s');
    expect(app.get(Tasks).runs).toEqual(['a']);
  });

  it('are told from args that a handler schedules with', async () => {
    wanted.property = 'n';
    const { pyncette, clock, of } = await launch([Tasks]);
    await pyncette.scheduleTask('checked', 'a', { interval: '10s', args: { n: 1, schedules: true } });
    await clock.advance('12s');
    expect(of('task:failed')).toHaveLength(1);
    expect(of('task:parked')).toEqual([]);
  });
});
