import { Test } from '@nestjs/testing';
import {
  DynamicTask,
  ExecutionMode,
  FailureMode,
  Fixture,
  InvalidTaskException,
  PartitionedTask,
  PyncetteException,
  PyncetteModule,
  Task,
  WithHeartbeat,
} from 'nestjs-pyncette';
import { describe, expect, it } from 'vitest';
import { LogBook, launch, refusal } from './launch.js';

// As an application without types might write it: everything is checked, nothing is trusted.

type Decorate = (options: never) => MethodDecorator;

/** A provider with one task of these options. */
function withTask(options: object, decorate: Decorate = Task as Decorate): new () => object {
  class Tasks {
    subject(): void {}
  }
  decorate(options as never)(
    Tasks.prototype,
    'subject',
    Object.getOwnPropertyDescriptor(Tasks.prototype, 'subject') ?? {},
  );
  return Tasks;
}

const AT_MOST_ONCE = { interval: 1_000, executionMode: ExecutionMode.AT_MOST_ONCE };
const retry = { maxAttempts: 2, delay: 10 };

/** What a static task may be refused for, and what the message says. */
const TASKS: readonly (readonly [string, object, RegExp])[] = [
  ['neither schedule nor interval', {}, /exactly one of schedule and interval; it has neither/],
  ['both', { schedule: '@daily', interval: 1_000 }, /exactly one of schedule and interval; it has both/],
  ['executeAt', { executeAt: '2026-01-01' }, /executeAt is for instances: make it a @DynamicTask\(\)/],
  ['executeIn', { executeIn: '1s' }, /executeIn is for instances/],
  ['a zone without cron', { interval: 1_000, timezone: 'UTC' }, /timezone is only for cron schedules/],
  ['an unknown zone', { schedule: '@daily', timezone: 'Europe/Dubln' }, /Europe\/Dubln/],
  ['four fields', { schedule: '* * * *' }, /it has 4 fields; five .* or six .* are needed/],
  ['seven fields', { schedule: '* * * * * * *' }, /it has 7 fields/],
  ['an empty expression', { schedule: '' }, /it has 0 fields/],
  ['an unknown nickname', { schedule: '@fortnightly' }, /is none of @yearly/],
  ['minute 60', { schedule: '60 * * * *' }, /'60 \* \* \* \*' is wrong/],
  ['hour 24', { schedule: '0 24 * * *' }, /'0 24 \* \* \*' is wrong/],
  ['day 0', { schedule: '0 0 0 * *' }, /is wrong/],
  ['month 13', { schedule: '0 0 1 13 *' }, /is wrong/],
  ['weekday 8', { schedule: '0 0 * * 8' }, /is wrong/],
  ['a word', { schedule: '0 0 * * funday' }, /is wrong/],
  ['a step of 0', { schedule: '*/0 * * * *' }, /the step '0' is outside the range of its minute field/],
  ['a step of 60', { schedule: '*/60 * * * *' }, /the step '60' .* minute field \(1 to 59\)/],
  [
    "Pyncette's every tenth second",
    { schedule: '* * * * * */10' },
    /day-of-week field .*if they stand last, as in Pyncette, set cronSeconds: 'last'/,
  ],
  ['a cron that never fires', { schedule: '0 0 30 2 *' }, /never fires/],
  ['a schedule that is no string', { schedule: 5 }, /schedule is 5; it has to be a cron expression/],
  ['a function among the args', { interval: 1, args: { f: () => 0 } }, /args\.f is a function/],
  ['a symbol', { interval: 1, args: { s: Symbol('s') } }, /args\.s is a symbol/],
  ['a BigInt', { interval: 1, args: { b: 1n } }, /args\.b is a bigint/],
  ['NaN', { interval: 1, args: { n: Number.NaN } }, /args\.n is NaN/],
  ['infinity', { interval: 1, args: { n: [Infinity] } }, /args\.n\[0\] is Infinity/],
  ['a Map', { interval: 1, args: { m: new Map() } }, /args\.m is an instance of Map/],
  ['a Set', { interval: 1, args: { m: new Set() } }, /args\.m is an instance of Set/],
  ['a class instance', { interval: 1, args: { u: new URL('a:b') } }, /args\.u is an instance of URL/],
  ['a Date', { interval: 1, args: { d: new Date() } }, /args\.d is a date: .*toISOString/],
  ['a list as args', { interval: 1, args: [1] }, /args have to be a plain object, .* not a list/],
  ['a failure mode at most once', { ...AT_MOST_ONCE, failureMode: FailureMode.NONE }, /failureMode is only/],
  ['a retry at most once', { ...AT_MOST_ONCE, retry }, /retry is only for AT_LEAST_ONCE/],
  ['both failure mode and retry', { interval: 1, failureMode: 'UNLOCK', retry }, /exclude each other/],
  ['an unknown failure mode', { interval: 1, failureMode: 'RETRY' }, /failureMode is 'RETRY'/],
  ['no attempt', { interval: 1, retry: { ...retry, maxAttempts: 0 } }, /retry: maxAttempts is 0/],
  ['a retry without delay', { interval: 1, retry: { maxAttempts: 1 } }, /retry: delay is missing/],
  ['a jitter above 1', { interval: 1, retry: { ...retry, jitter: 2 } }, /jitter is 2; .* 0 to 1/],
  ['a misspelt retry', { interval: 1, retry: { ...retry, back_off: 'fixed' } }, /did you mean 'backoff'/],
  ['no concurrency', { interval: 1, concurrencyLimit: 0 }, /concurrencyLimit is 0; .* from 1 on/],
  ['half a concurrency', { interval: 1, concurrencyLimit: 1.5 }, /concurrencyLimit is 1.5/],
  ['an interval of 0', { interval: 0 }, /interval: 0 is not a positive, finite duration/],
  ['a negative interval', { interval: -1 }, /-1 is not a positive/],
  ['an infinite lease', { interval: 1, leaseDuration: Infinity }, /leaseDuration: Infinity/],
  ['a lease that is no duration', { interval: 1, leaseDuration: 'soon' }, /leaseDuration: 'soon'/],
  ['a timeout of 0', { interval: 1, timeout: 0 }, /timeout: 0/],
  ['a misspelt unit', { interval: { secnds: 1 } }, /interval: \{"secnds":1\}/],
  ['a jitter below 0', { interval: 1, jitter: -5 }, /jitter: -5/],
  ['lateness without skip', { interval: 1, maxLateness: 5 }, /maxLateness is only for missed: 'skip'/],
  ['an unknown policy', { interval: 1, missed: 'twice' }, /missed is 'twice'; .*'once', 'all', 'skip'/],
  ['a misspelt option', { shedule: '@daily' }, /no option 'shedule'.*did you mean 'schedule'/],
  ['snake case', { interval: 1, lease_duration: 5 }, /'lease_duration'.*did you mean 'leaseDuration'/],
  ['a name of Pyncette', { interval: 1, fast_forward: true }, /'fast_forward'.*did you mean 'missed'/],
  ['another name of Pyncette', { interval: 1, extra_args: {} }, /'extra_args'.*did you mean 'args'/],
  ['fast_forward', { interval: 1, fast_forward: true }, /there is no option 'fast_forward'/],
  ['a word for a flag', { interval: 1, enabled: 'no' }, /enabled is 'no'; it has to be true or false/],
  ['an empty name', { name: '', interval: 1 }, /its name has to have 1 to 255 characters/],
  ['half a character for a name', { name: '\ud83d', interval: 1 }, /its name holds half a character/],
  ['a number for a name', { name: 7, interval: 1 }, /its name has to be a string/],
  ['a transaction in memory', { interval: 1, transactional: true }, /needs a repository with transactions/],
];

describe('A static task is refused for', () => {
  it.each(TASKS)('%s', async (_what, options, message) => {
    const error = await refusal([withTask(options)]);
    expect(error).toBeInstanceOf(InvalidTaskException);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/Tasks\.subject/);
  });

  it('each of these in its own words', async () => {
    const said = TASKS.map(([, , message]) => message.source);
    expect(new Set(said).size).toBeGreaterThan(40);
  });
});

describe('A template is refused for', () => {
  it.each<readonly [string, Decorate, object, RegExp]>([
    ['both schedules', DynamicTask, { schedule: '@daily', interval: 1 }, /at most one of schedule and/],
    ['a partition option', DynamicTask, { partitionCount: 2 }, /there is no option 'partitionCount'/],
    ['no partitions', PartitionedTask, { partitionCount: 0 }, /partitionCount is 0; .* from 1 on/],
    [
      'more partitions than anything could poll',
      PartitionedTask,
      { partitionCount: 1_000_001 },
      /partitionCount is 1000001; it has to be at most 1000000/,
    ],
    [
      'more than there is memory for, and nothing else',
      PartitionedTask,
      { partitionCount: 2 ** 31, enabledPartitions: [5] },
      /^[^\n]*: partitionCount is 2147483648; it has to be at most 1000000$/,
    ],
    ['a missing count', PartitionedTask, {}, /partitionCount is missing/],
    [
      'a partition that is none',
      PartitionedTask,
      { partitionCount: 2, enabledPartitions: [2] },
      /whole numbers from 0 to 1/,
    ],
    [
      'a name that leaves no room for its partitions',
      PartitionedTask,
      { name: 'x'.repeat(250), partitionCount: 64 },
      /its name has to have 1 to 249 characters/,
    ],
    ['no selector', PartitionedTask, { partitionCount: 2, partitionSelector: 1 }, /partitionSelector is 1/],
  ])('%s', async (_what, decorate, options, message) => {
    expect((await refusal([withTask(options, decorate)])).message).toMatch(message);
  });

  it.each([0, 1, -0.5, Number.NaN, 'half'])('a heartbeat ratio of %s', async (leaseRemainingRatio) => {
    const Tasks = withTask({}, DynamicTask as Decorate);
    WithHeartbeat({ leaseRemainingRatio } as never)(Tasks.prototype, 'subject', {});
    expect((await refusal([Tasks])).message).toMatch(/leaseRemainingRatio is .*between 0 and 1/);
  });
});

describe('The module is refused for', () => {
  it.each<readonly [string, object, RegExp]>([
    ['batchSize', { batchSize: 0 }, /PyncetteModule: batchSize is 0/],
    ['concurrencyLimit', { concurrencyLimit: -1 }, /PyncetteModule: concurrencyLimit is -1/],
    ['pollInterval', { pollInterval: 0 }, /PyncetteModule: pollInterval: 0 is not a positive/],
    ['shutdownTimeout', { shutdownTimeout: 'never' }, /PyncetteModule: shutdownTimeout: 'never'/],
    ['timezone', { timezone: 'Mars/Base' }, /PyncetteModule: timezone: .*Mars\/Base/],
    ['cronSeconds', { cronSeconds: 'middle' }, /PyncetteModule: cronSeconds is 'middle'/],
    ['missed', { missed: 'never' }, /PyncetteModule: missed is 'never'/],
    ['clock', { clock: Date }, /PyncetteModule: clock is a function; it has to have now\(\) and sleep\(\)/],
    ['globalEnhancers', { globalEnhancers: 'yes' }, /PyncetteModule: globalEnhancers is 'yes'/],
    ['guards', { guards: 1 }, /PyncetteModule: guards is 1; it has to be true or false/],
    ['interceptors', { interceptors: 'all' }, /interceptors is 'all'; it has to be a list of classes/],
    [
      'an interceptor that is none',
      { interceptors: [{}] },
      /interceptors is a list with something else in it/,
    ],
    ['fixtures', { fixtures: [{ setUp: 1 }] }, /fixtures is a list with something else/],
    ['repository', { repository: 'postgres' }, /PyncetteModule: repository is 'postgres'/],
    [
      'an address in place of a repository, which may hold a password',
      { repository: 'postgres://joe:secret@localhost/jobs' },
      /^PyncetteModule: repository is an address; it has to be a repository such as [^:]*$/,
    ],
    ['a misspelt option', { pollIntervall: 1 }, /no option 'pollIntervall'.*did you mean 'pollInterval'/],
    ['snake case', { poll_interval: 1 }, /no option 'poll_interval'.*did you mean 'pollInterval'/],
  ])('%s', async (_what, options, message) => {
    const error = await refusal([], options);
    expect(error).toBeInstanceOf(InvalidTaskException);
    expect(error.message).toMatch(message);
  });

  it.each<readonly [string, unknown, RegExp]>([
    [
      'undefined',
      undefined,
      /forRootAsync\(\): its options are undefined; they have to be an object, such as \{ useFactory:/,
    ],
    ['null', null, /forRootAsync\(\): its options are null; they have to be an object/],
    ['a factory alone', () => ({}), /forRootAsync\(\): its options are a function; they have to be/],
    ['a factory that is none', { useFactory: 5 }, /useFactory is 5; it has to be a function that makes/],
    ['a class that is none', { useClass: {} }, /useClass is an object; it has to be a class with createPync/],
    [
      'a token that is null',
      { useExisting: null },
      /useExisting is null; it has to be a class with createPy/,
    ],
    [
      'a class that makes none',
      { useClass: Map },
      /useClass has no createPyncetteOptions\(\): give it one that answers the options of the module$/,
    ],
    [
      'dependencies that are no list',
      { useFactory: Object, inject: 5 },
      /forRootAsync\(\): inject is 5; it has to be a list/,
    ],
    [
      'imports that are no list',
      { useFactory: Object, imports: {} },
      /forRootAsync\(\): imports is an object; it has to be a list/,
    ],
    ['nothing to make its options', {}, /forRootAsync\(\): it is given none of useFactory, useClass and/],
    ['a misspelt factory', { useFactori: Object }, /no option 'useFactori'.*did you mean 'useFactory'/],
    ['snake case', { use_class: Object }, /no option 'use_class'.*did you mean 'useClass'/],
    ['two ways to make them', { useFactory: Object, useClass: Object }, /given useFactory and useClass of/],
    ['a factory that makes none', { useFactory: () => undefined }, /its options are undefined; they have to/],
    ['options that it does not know', { useFactory: () => ({ batch_size: 1 }) }, /did you mean 'batchSize'/],
  ])('forRootAsync with %s', async (_what, options, message) => {
    const error = await Test.createTestingModule({ imports: [PyncetteModule.forRootAsync(options as never)] })
      .setLogger(new LogBook())
      .compile()
      .then((app) => app.init())
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidTaskException);
    expect(String(error)).toMatch(message);
  });

  it('being imported twice', async () => {
    const error = await refusal([], {}, [PyncetteModule.forRoot({ batchSize: 7 })]);
    expect(error).toBeInstanceOf(InvalidTaskException);
    expect(error.message).toMatch(/forRoot\(\) is imported more than once/);
  });
});

describe('An application is refused for', () => {
  it('a name that two tasks have, both places named', async () => {
    class One {
      @Task({ name: 'sync', interval: 1_000 })
      run(): void {}
    }
    class Other {
      @DynamicTask({ name: 'sync' })
      start(): void {}
    }
    expect((await refusal([One, Other])).message).toMatch(
      /'sync' is declared twice, at One\.run .* and at Other/,
    );
  });

  it('a stacked decorator without a name', async () => {
    class Stacked {
      @Task({ name: 'first', interval: 1_000 })
      @Task({ interval: 2_000 })
      run(): void {}
    }
    expect((await refusal([Stacked])).message).toMatch(/carries several decorators, so each needs a name/);
  });

  it('two fixtures of one name', async () => {
    class Books {
      @Fixture('book')
      async *one(): AsyncGenerator<number> {
        yield 1;
      }
      @Fixture('book')
      async *other(): AsyncGenerator<number> {
        yield 2;
      }
    }
    expect((await refusal([Books])).message).toMatch(
      /Fixture 'book' is declared more than once, at Books\.one and at Books\.other: give/,
    );
  });

  it('a factory that fails', async () => {
    class Tasks {
      @Task({ useFactory: () => Promise.reject(new Error('no CRON in the environment')) })
      run(): void {}
    }
    const { message } = await refusal([Tasks]);
    expect(message).toMatch(/Tasks\.run.*useFactory failed: .*no CRON in the env/);
    expect(message).not.toContain('it needs exactly one of');
  });

  it('a decorator on what no provider has by a name: a static method, a symbol', () => {
    const decorate = (prototype: object, key: string | symbol) => () =>
      Task({ interval: 1_000 })(prototype, key, { value: () => undefined });
    class Tasks {}
    expect(decorate(Tasks, 'run')).toThrow(
      /^.*Tasks\.run is static: tasks and fixtures are methods of a provider/s,
    );
    expect(decorate(Tasks.prototype, Symbol('run'))).toThrow(/Tasks\.Symbol\(run\) is named by a symbol/);
  });

  it('all of its problems at once, each a line of its own', async () => {
    const error = await refusal(
      [withTask({}), withTask({ name: 'other', schedule: '* * * *', leaseDuration: 0 })],
      { batchSize: 0, pollIntervall: 5 } as object,
    );
    if (!(error instanceof InvalidTaskException)) throw error;
    expect(error).toBeInstanceOf(PyncetteException);
    expect(error.code).toBe('PYNCETTE_INVALID_TASK');
    expect(error.problems).toHaveLength(5);
    for (const problem of error.problems) expect(error.message).toContain(`- ${problem}`);
  });
});

describe('Scheduling is refused, with nothing written, for', () => {
  class Templates {
    @DynamicTask()
    bare(): void {}

    @DynamicTask({ interval: '1h' })
    hourly(): void {}

    @Task({ interval: '1h' })
    fixed(): void {}
  }
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;

  it.each<readonly [string, unknown, unknown, RegExp]>([
    ['no schedule', 'a', {}, /bare:a cannot be scheduled: it needs exactly one of schedule, interval, exec/],
    ['two schedules', 'a', { interval: 1, executeIn: 1 }, /it has interval and executeIn/],
    ['no options', 'a', undefined, /its options are undefined/],
    ['an unknown option', 'a', { interval: 1, arg: {} }, /no option 'arg'.*did you mean 'args'/],
    ['a name in snake case', 'a', { execute_at: '2026-01-01' }, /'execute_at'.*did you mean 'executeAt'/],
    ['four fields', 'a', { schedule: '* * * *' }, /bare:a .*it has 4 fields/],
    ['a cron that never fires', 'a', { schedule: '0 0 31 4 *' }, /never fires/],
    ['an unknown zone', 'a', { schedule: '@daily', timezone: 'Nowhere' }, /Nowhere/],
    ['a zone with an interval', 'a', { interval: 1, timezone: 'UTC' }, /only for cron schedules/],
    [
      'a zone with an offset',
      'a',
      { executeAt: '2026-01-01T00:00:00Z', timezone: 'UTC' },
      /string without an offset/,
    ],
    ['a moment that is none', 'a', { executeAt: 'tomorrow' }, /'tomorrow' is no moment/],
    ['a time of no day', 'a', { executeAt: '10:00' }, /'10:00' is no moment/],
    [
      'two zones',
      'a',
      { executeAt: '2026-01-01T10:00[Europe/Paris]', timezone: 'Asia/Tokyo' },
      /string without an offset/,
    ],
    ['an invalid Date', 'a', { executeAt: new Date(Number.NaN) }, /is no moment/],
    ['a negative executeIn', 'a', { executeIn: -1 }, /-1 is not a duration/],
    ['an interval of 0', 'a', { interval: 0 }, /0 is not a positive/],
    ['a Date among the args', 'a', { interval: 1, args: { d: new Date() } }, /toISOString/],
    ['a cycle', 'a', { interval: 1, args: cycle }, /args\.self is a cycle/],
    ['a list as args', 'a', { interval: 1, args: [] }, /plain object/],
    ['force that is no flag', 'a', { interval: 1, force: 'yes' }, /force is 'yes'/],
    ['an empty name', '', { interval: 1 }, /cannot have the name '': it is empty/],
    ['a long name', 'x'.repeat(256), { interval: 1 }, /longer than 255 code points/],
    ['a number for a name', 7, { interval: 1 }, /the name 7: it has to be a string/],
    ['half a character', '\ud83d', { interval: 1 }, /half a character/],
  ])('%s', async (_what, name, options, message) => {
    const { pyncette } = await launch([Templates]);
    const scheduling = pyncette.scheduleTask('bare', name as string, options as never);
    await expect(scheduling).rejects.toThrow(message);
    await expect(scheduling).rejects.toMatchObject({ code: 'PYNCETTE_INVALID_SCHEDULE' });
    expect((await pyncette.listTasks('bare')).tasks).toEqual([]);
  });

  it('one of many: none is written', async () => {
    const { pyncette } = await launch([Templates]);
    const many = [{ instanceName: 'good', interval: 1 }, { instanceName: 'bad' }];
    await expect(pyncette.scheduleTasks('bare', many)).rejects.toThrow(/bare:bad/);
    expect((await pyncette.listTasks('bare')).tasks).toEqual([]);
  });

  it('a static task, scheduled or unscheduled', async () => {
    const { pyncette } = await launch([Templates]);
    for (const call of [
      pyncette.scheduleTask('fixed', 'a', { interval: 1 }),
      pyncette.unscheduleTask('fixed', 'a'),
    ])
      await expect(call).rejects.toThrow(
        /'fixed' is a static task and cannot be (un)?scheduled.*Templates\.fixed/,
      );
  });

  it('a transaction that memory has not', async () => {
    const { pyncette } = await launch([Templates]);
    const options = { interval: 1, manager: {} as never };
    await expect(pyncette.scheduleTask('bare', 'a', options)).rejects.toThrow(/cannot join a transaction/);
    await expect(pyncette.unscheduleTask('bare', 'a', { manager: {} as never })).rejects.toMatchObject({
      code: 'PYNCETTE_REPOSITORY',
    });
  });

  it('an unknown name, by every member, with what was meant', async () => {
    const { pyncette } = await launch([Templates]);
    const calls: readonly (() => unknown)[] = [
      () => pyncette.scheduleTask('hourli', 'a', {}),
      () => pyncette.scheduleTasks('hourli', []),
      () => pyncette.unscheduleTask('hourli', 'a'),
      () => pyncette.getTask('hourli'),
      () => pyncette.listTasks('hourli'),
      () => pyncette.iterateTasks('hourli').next(),
      () => pyncette.pauseTask('hourli'),
      () => pyncette.resumeTask('hourli'),
      () => pyncette.triggerTask('hourli', 'a'),
      async () => pyncette.setEnabled('hourli', true),
    ];
    for (const call of calls) {
      const rejected = expect(call()).rejects;
      await rejected.toMatchObject({ code: 'PYNCETTE_TASK_NOT_FOUND' });
    }
    await expect(pyncette.getTask('hourli')).rejects.toThrow(/no task 'hourli'.*did you mean 'hourly'/);
  });

  it('names that are kept exactly are not: four instances', async () => {
    const { pyncette } = await launch([Templates]);
    const names = ['bob', 'bob ', 'Bob', 'böb', 'x'.repeat(255), '𝒳'.repeat(255)];
    for (const name of names) await pyncette.scheduleTask('hourly', name, {});
    const { tasks } = await pyncette.listTasks('hourly');
    expect(new Set(tasks.map(({ instanceName }) => instanceName))).toEqual(new Set(names));
  });
});
