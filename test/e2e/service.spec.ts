import { Inject, type OnModuleInit } from '@nestjs/common';
import { DateTime } from 'luxon';
import { DynamicTask, PartitionedTask, PyncetteService, Task, type TaskContext } from 'nestjs-pyncette';
import { describe, expect, it } from 'vitest';
import { launch, refusal } from './launch.js';

class Tasks {
  readonly runs: string[] = [];

  private ran(context: TaskContext): void {
    const { task, scheduledAt, missed } = context;
    const args = Object.keys(context.args).length > 0 ? ` ${JSON.stringify(context.args)}` : '';
    this.runs.push(
      `${task.canonicalName} ${scheduledAt.toFormat('mm:ss')}${args}${missed ? ` missed ${missed}` : ''}`,
    );
  }

  @Task({ interval: '10s' })
  async fixed(context: TaskContext): Promise<void> {
    this.ran(context);
  }

  @DynamicTask({ args: { kind: 'mail' } })
  async remind(context: TaskContext<{ to?: string; kind?: string }>): Promise<void> {
    this.ran(context as TaskContext);
  }

  @DynamicTask({ retry: { maxAttempts: 1, delay: '1s' } })
  async fails(): Promise<void> {
    throw new TypeError('no such user');
  }

  @PartitionedTask({ partitionCount: 8 })
  async digest(context: TaskContext): Promise<void> {
    this.ran(context);
  }
}

async function service() {
  const launched = await launch([Tasks]);
  launched.pyncette.setEnabled('fixed', false);
  return { ...launched, runs: launched.app.get(Tasks).runs };
}

describe('getTask', () => {
  it('tells everything about an instance', async () => {
    const { pyncette, clock } = await service();
    await pyncette.scheduleTask('remind', 'bill', {
      schedule: '0 * * * *',
      timezone: 'Asia/Tokyo',
      args: { to: 'bill' },
    });
    const state = await pyncette.getTask('remind', 'bill');
    expect(state).toMatchObject({
      task: 'remind',
      instanceName: 'bill',
      args: { kind: 'mail', to: 'bill' },
      attempt: 0,
      state: 'scheduled',
      lockedUntil: null,
      lockedBy: null,
      lastError: null,
      schedule: { kind: 'cron', expression: '0 * * * *', timezone: 'Asia/Tokyo' },
    });
    expect(state?.scheduledAt).toBeInstanceOf(DateTime);
    expect(state?.scheduledAt?.toISO()).toBe('2026-01-01T10:00:00.000+09:00');
    expect(await pyncette.getTask('remind', 'nobody')).toBeNull();
    await clock.advance(0);
    expect(await pyncette.getTask('fixed')).toMatchObject({
      task: 'fixed',
      instanceName: null,
      state: 'scheduled',
    });
  });

  it('tells of failures, and of parking', async () => {
    const { pyncette, clock, of } = await service();
    await pyncette.scheduleTask('fails', 'x', { executeIn: '1s' });
    await clock.advance('2s');
    const state = await pyncette.getTask('fails', 'x');
    expect(state).toMatchObject({
      state: 'parked',
      lastError: { name: 'TypeError', message: 'no such user' },
    });
    expect(state?.lastError?.at.toMillis()).toBe(clock.now() - 1_000);
    expect(of('task:parked')).toMatchObject([{ task: 'fails', instanceName: 'x' }]);
    expect(await pyncette.resumeTask('fails', 'x')).toBe(true);
    await clock.advance('1s');
    expect(of('task:started').map(({ attempt }) => attempt)).toEqual([1, 1]);
  });
});

describe('listTasks and iterateTasks', () => {
  it('page through all, of one state if asked', async () => {
    const { pyncette } = await service();
    const names = Array.from({ length: 25 }, (_, index) => `i${String(index).padStart(2, '0')}`);
    await pyncette.scheduleTasks(
      'remind',
      names.map((instanceName) => ({ instanceName, interval: '1h' })),
    );
    await pyncette.pauseTask('remind', 'i07');
    const first = await pyncette.listTasks('remind', { limit: 10 });
    expect(first.tasks).toHaveLength(10);
    const second = await pyncette.listTasks('remind', {
      limit: 10,
      continuationToken: first.continuationToken,
    });
    const third = await pyncette.listTasks('remind', {
      limit: 10,
      continuationToken: second.continuationToken,
    });
    expect(
      [first, second, third].flatMap(({ tasks }) => tasks.map(({ instanceName }) => instanceName)).sort(),
    ).toEqual(names);
    expect(third.continuationToken).toBeNull();
    const paused = await pyncette.listTasks('remind', { state: 'paused' });
    expect(paused.tasks.map(({ instanceName }) => instanceName)).toEqual(['i07']);
    const walked: (string | null)[] = [];
    for await (const { instanceName } of pyncette.iterateTasks('remind', { limit: 7 }))
      walked.push(instanceName);
    expect(walked.sort()).toEqual(names);
    await expect(pyncette.listTasks('remind', { limit: 0 })).rejects.toThrow(/limit is 0/);
  });

  it('of a partitioned template see all partitions', async () => {
    const { pyncette, clock, runs } = await service();
    const names = Array.from({ length: 40 }, (_, index) => `user${index}`);
    await pyncette.scheduleTasks(
      'digest',
      names.map((instanceName) => ({ instanceName, executeIn: '1s' })),
    );
    const { tasks } = await pyncette.listTasks('digest', { limit: 100 });
    expect(tasks.map(({ instanceName }) => instanceName).sort()).toEqual([...names].sort());
    await clock.advance('1s');
    expect(runs).toHaveLength(40);
  });

  it('of a static task list its one row', async () => {
    const { pyncette, clock } = await service();
    await clock.advance(0);
    expect((await pyncette.listTasks('fixed')).tasks).toMatchObject([{ task: 'fixed', instanceName: null }]);
  });
});

describe('pause, resume and trigger', () => {
  it('of an instance', async () => {
    const { pyncette, clock, runs, of } = await service();
    await pyncette.scheduleTask('remind', 'a', { interval: '10s' });
    expect(await pyncette.pauseTask('remind', 'a')).toBe(true);
    await clock.advance('35s');
    expect(runs).toEqual([]);
    expect((await pyncette.getTask('remind', 'a'))?.state).toBe('paused');
    expect(await pyncette.resumeTask('remind', 'a')).toBe(true);
    await clock.advance('6s');
    expect(runs).toEqual(['remind:a 00:10 {"kind":"mail"} missed 2', 'remind:a 00:40 {"kind":"mail"}']);
    expect(await pyncette.triggerTask('remind', 'a', { args: { to: 'steve' } })).toBe(true);
    await clock.advance('10s');
    expect(runs.slice(2)).toEqual([
      'remind:a 00:41 {"kind":"mail","to":"steve"}',
      'remind:a 00:50 {"kind":"mail"}',
    ]);
    expect(of('instance:paused')).toHaveLength(1);
    expect(of('instance:resumed')).toHaveLength(1);
    expect(of('instance:triggered')).toHaveLength(1);
    expect(await pyncette.pauseTask('remind', 'nobody')).toBe(false);
    expect(await pyncette.triggerTask('remind', 'nobody')).toBe(false);
  });

  it("from: 'now' begins anew", async () => {
    const { pyncette, clock, runs } = await service();
    await pyncette.scheduleTask('remind', 'a', { interval: '10s' });
    await pyncette.pauseTask('remind', 'a');
    await clock.advance('35s');
    await pyncette.resumeTask('remind', 'a', { from: 'now' });
    await clock.advance('10s');
    expect(runs).toEqual(['remind:a 00:45 {"kind":"mail"}']);
  });

  it('of a template cover instances that are scheduled later too', async () => {
    const { pyncette, clock, runs } = await service();
    await pyncette.scheduleTask('remind', 'early', { executeIn: '1s' });
    await pyncette.pauseTask('remind');
    await pyncette.scheduleTask('remind', 'late', { executeIn: '2s' });
    await clock.advance('5s');
    expect(runs).toEqual([]);
    await pyncette.resumeTask('remind');
    await clock.advance('1s');
    expect(runs.map((run) => run.split(' ')[0]).sort()).toEqual(['remind:early', 'remind:late']);
    await expect(pyncette.triggerTask('remind')).rejects.toThrow(/Which instance of 'remind'/);
  });

  it('of a static task', async () => {
    const { pyncette, clock, runs } = await service();
    pyncette.setEnabled('fixed', true);
    await clock.advance('10s');
    await pyncette.pauseTask('fixed');
    await clock.advance('20s');
    expect(runs).toEqual(['fixed 00:10']);
    await pyncette.triggerTask('fixed');
    await clock.advance('1s');
    expect(runs).toEqual(['fixed 00:10']);
    await pyncette.resumeTask('fixed', { from: 'now' });
    await clock.advance('1s');
    expect(runs).toEqual(['fixed 00:10', 'fixed 00:30']);
  });

  it('calls before a triggered run begins are one; it comes after the execution in flight', async () => {
    const { pyncette, clock, runs } = await service();
    await pyncette.scheduleTask('remind', 'a', { interval: '1h' });
    await Promise.all([1, 2, 3].map(() => pyncette.triggerTask('remind', 'a')));
    await clock.advance('5s');
    expect(runs).toHaveLength(1);
  });
});

describe('setEnabled', () => {
  it('is of this process, at any time, by any reference', async () => {
    const { pyncette, clock, runs } = await service();
    pyncette.setEnabled(Tasks.prototype.fixed, true);
    await clock.advance('10s');
    pyncette.setEnabled([Tasks, 'fixed'], false);
    await clock.advance('25s');
    expect(runs).toEqual(['fixed 00:10']);
    pyncette.setEnabled('fixed', true);
    await clock.advance('10s');
    expect(runs.slice(1)).toEqual(['fixed 00:20 missed 1', 'fixed 00:40']);
  });
});

describe('setEnabled in an onModuleInit', () => {
  class Early implements OnModuleInit {
    runs = 0;
    constructor(readonly pyncette: PyncetteService) {}
    @Task({ interval: '1s' })
    tick(): void {
      this.runs++;
    }
    onModuleInit(): void {
      this.pyncette.setEnabled(Early.prototype.tick, false);
    }
  }
  Inject(PyncetteService)(Early, undefined, 0);

  it('is remembered until the tasks are known', async () => {
    const { app, clock, pyncette } = await launch([Early]);
    await clock.advance('5s');
    expect([app.get(Early).runs, pyncette.tasks[0]?.isEnabled]).toEqual([0, false]);
    pyncette.setEnabled('tick', true);
    await clock.advance('5s');
    expect(app.get(Early).runs).toBeGreaterThan(0);
  });

  it('of a task that is none stops the start', async () => {
    class Wrong extends Early {
      override onModuleInit(): void {
        this.pyncette.setEnabled('tack', false);
      }
    }
    Inject(PyncetteService)(Wrong, undefined, 0);
    expect((await refusal([Wrong])).message).toMatch(
      /setEnabled\(\): There is no task 'tack'.*did you mean 'tick'/,
    );
  });
});

describe('scheduleTask', () => {
  it('takes a method and [Class, method]', async () => {
    const { pyncette } = await service();
    await pyncette.scheduleTask(Tasks.prototype.remind, 'a', { interval: '1h', args: { to: 'a' } });
    await pyncette.scheduleTask([Tasks, 'remind'], 'b', { interval: '1h', args: { to: 'b' } });
    expect((await pyncette.listTasks(Tasks.prototype.remind)).tasks).toHaveLength(2);
    expect(await pyncette.unscheduleTask([Tasks, 'remind'], 'a')).toBe(true);
    expect(await pyncette.unscheduleTask('remind', 'a')).toBe(false);
  });

  it('repeated, never postpones; changed, moves; forced, begins anew', async () => {
    const { pyncette, clock, runs } = await service();
    for (let second = 0; second < 12; second++) {
      await pyncette.scheduleTask('remind', 'a', { interval: '5s', args: { to: String(second) } });
      await clock.advance('1s');
    }
    expect(runs.map((run) => run.split(' ')[1])).toEqual(['00:05', '00:10']);
    expect(runs[1]).toContain('"to":"9"');
    await pyncette.scheduleTask('remind', 'a', { interval: '20s' });
    await clock.advance('20s');
    expect(runs.map((run) => run.split(' ')[1]).slice(2)).toEqual(['00:32']);
    await clock.advance('10s');
    await pyncette.scheduleTask('remind', 'a', { interval: '20s', force: true });
    await clock.advance('20s');
    expect(runs.map((run) => run.split(' ')[1]).slice(3)).toEqual(['01:02']);
  });

  it('of an executeAt in the past runs at once; of a moment without an offset, in its timezone', async () => {
    const { pyncette, clock, runs } = await service();
    await pyncette.scheduleTask('remind', 'past', { executeAt: '2025-12-31T23:59:00Z' });
    await pyncette.scheduleTask('remind', 'zoned', {
      executeAt: '2026-01-01T01:30:00',
      timezone: 'Europe/Madrid',
    });
    await clock.advance(0);
    expect(runs.map((run) => run.split(' ')[0])).toEqual(['remind:past']);
    expect((await pyncette.getTask('remind', 'zoned'))?.scheduledAt?.toUTC().toISO()).toBe(
      '2026-01-01T00:30:00.000Z',
    );
    expect(await pyncette.getTask('remind', 'past')).toBeNull();
  });

  it('tells how far it is', async () => {
    const { pyncette } = await service();
    const progress: number[] = [];
    const many = Array.from({ length: 2_500 }, (_, index) => ({ instanceName: `i${index}`, interval: '1h' }));
    await pyncette.scheduleTasks('remind', many, {
      onProgress: ({ done, total }) => progress.push(done / total),
    });
    expect(progress).toEqual([0.4, 0.8, 1]);
  });
});

describe('addToContext', () => {
  it('adds to every context, and refuses names that are taken', async () => {
    class Reader {
      seen: unknown;
      @Task({ interval: '1s' })
      async read(context: TaskContext): Promise<void> {
        this.seen = [context.get('db'), context.get('nothing')];
      }
    }
    const { app, pyncette, clock } = await launch([Reader]);
    pyncette.addToContext('db', 'a database');
    expect(() => pyncette.addToContext('db', 1)).toThrow(/'db' .*it was added before/);
    expect(() => pyncette.addToContext('args', 1)).toThrow(/'args' .*has a member of that name/);
    await clock.advance('1s');
    expect(app.get(Reader).seen).toEqual(['a database', undefined]);
  });
});
