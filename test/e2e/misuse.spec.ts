import { IsString } from 'class-validator';
import {
  DynamicTask,
  InvalidScheduleException,
  PartitionedTask,
  Task,
  TaskNotFoundException,
} from 'nestjs-pyncette';
import type { PyncetteService } from 'nestjs-pyncette';
import { describe, expect, it } from 'vitest';
import { launch, refusal } from './launch.js';

// What a call without types, or with one too few, may ask: it is refused in words, and nothing is written.

class Named {
  @IsString()
  name!: string;
}

abstract class Base {
  @DynamicTask()
  inherited(): void {}
}

class Tasks extends Base {
  @DynamicTask()
  hello(): void {}

  @DynamicTask({ argsSchema: Named })
  checked(): void {}

  @PartitionedTask({
    partitionCount: 2,
    partitionSelector: () => {
      throw new TypeError('no such region');
    },
  })
  split(): void {}

  @Task({ interval: '1h' })
  fixed(): void {}

  override inherited(): void {}
}

/** Its method only has the name of a task. */
class Stranger {
  hello(): void {}
}

type Call = (pyncette: PyncetteService) => unknown;
const interval = '1h';

async function refused(call: Call): Promise<unknown> {
  const { pyncette } = await launch([Tasks]);
  await pyncette.scheduleTask('hello', 'there', { interval });
  const error = await Promise.resolve()
    .then(() => call(pyncette))
    .catch((reason: unknown) => reason);
  expect((await pyncette.listTasks('hello')).tasks).toMatchObject([
    { instanceName: 'there', state: 'scheduled' },
  ]);
  expect(await pyncette.countTasks('checked')).toBe(0);
  return error;
}

describe('A task that is none is not found, when it is given as', () => {
  it.each<readonly [string, unknown, RegExp]>([
    ['nothing', undefined, /There is no task undefined: give a task by its name, .*method/],
    ['null', null, /There is no task null/],
    ['a number', 7, /There is no task 7/],
    ['an object', {}, /There is no task an object/],
    ['a pair without a class', [undefined, 'hello'], /There is no task a list/],
    ['the method of another class that has the same name', Stranger.prototype.hello, /no task 'hello'/],
  ])('%s', async (_what, task, message) => {
    for (const call of [
      (pyncette) => pyncette.scheduleTask(task as string, 'a', { interval }),
      (pyncette) => pyncette.unscheduleTask(task as string, 'there'),
      (pyncette) => pyncette.getTask(task as string),
      (pyncette) => pyncette.setEnabled(task as string, false),
    ] satisfies Call[]) {
      const error = await refused(call);
      expect(error).toBeInstanceOf(TaskNotFoundException);
      expect(String(error)).toMatch(message);
    }
  });

  it('but the method of a base class is, where one class overrides it', async () => {
    const { pyncette } = await launch([Tasks]);
    await pyncette.scheduleTask(Base.prototype.inherited, 'a', { interval });
    await pyncette.scheduleTask([Base, 'inherited'], 'b', { interval });
    expect(await pyncette.countTasks('inherited')).toBe(2);
  });
});

describe('A call is refused for', () => {
  const hello = { instanceName: 'a', interval };
  const answers = (call: (pyncette: never) => unknown): Call => call as Call;

  it.each<readonly [string, Call, RegExp]>([
    [
      'instances that are no list',
      answers((p: PyncetteService) => p.scheduleTasks('hello', {} as never)),
      /scheduleTasks\(\) takes a list of instances, not an object/,
    ],
    [
      'an instance that is none',
      (p) => p.scheduleTasks('hello', [hello, null as never]),
      /instance 1 .*is null/,
    ],
    [
      'a transaction of one among many',
      (p) => p.scheduleTasks('hello', [{ ...hello, manager: {} } as never]),
      /hello:a.*manager .*third/,
    ],
    [
      'no options of many',
      (p) => p.scheduleTasks('hello', [hello], null as never),
      /scheduleTasks\(\) takes manager, onProgress in an object, not null/,
    ],
    [
      'a misspelt option of many',
      (p) => p.scheduleTasks('hello', [hello], { onprogress: () => {} } as never),
      /no option 'onprogress' \(did you mean 'onProgress'\?\)/,
    ],
    [
      'progress that is no function',
      (p) => p.scheduleTasks('hello', [hello], { onProgress: 1 as never }),
      /onProgress is 1/,
    ],
    [
      'progress of unscheduling, too',
      (p) => p.unscheduleTasks('hello', {}, { onProgress: 'yes' as never }),
      /onProgress is 'yes'/,
    ],
    [
      'a misspelt transaction',
      (p) => p.unscheduleTask('hello', 'there', { manger: {} } as never),
      /no option 'manger' \(did you mean 'manager'\?\)/,
    ],
    [
      'a misspelt start',
      (p) => p.resumeTask('hello', 'there', { fron: 'now' } as never),
      /no option 'fron' \(did you mean 'from'\?\)/,
    ],
    [
      'a start that is none',
      (p) => p.resumeTask('hello', 'there', { from: 'today' as never }),
      /from is 'today'; it has to be 'schedule' or 'now'/,
    ],
    [
      'a start of many that is none',
      (p) => p.resumeTasks('hello', { state: 'paused' }, { from: 'today' as never }),
      /from is 'today'/,
    ],
    [
      'misspelt args of a trigger',
      (p) => p.triggerTask('hello', 'there', { arg: {} } as never),
      /no option 'arg' \(did you mean 'args'\?\)/,
    ],
    [
      'an instance by number, unscheduled',
      (p) => p.unscheduleTask('hello', 7 as never),
      /name 7: it has to be a string/,
    ],
    [
      'an instance by number, looked up',
      (p) => p.getTask('hello', 7 as never),
      /name 7: it has to be a string/,
    ],
    [
      'an instance by number, paused',
      (p) => p.pauseTask('hello', 7 as never),
      /name 7: it has to be a string/,
    ],
    [
      'an instance by number, resumed',
      (p) => p.resumeTask('hello', 7 as never),
      /name 7: it has to be a string/,
    ],
    [
      'an instance by number, triggered',
      (p) => p.triggerTask('hello', 7 as never),
      /name 7: it has to be a string/,
    ],
    [
      'an instance by number, asked whether it is paused',
      (p) => p.isPaused('hello', 7 as never),
      /name 7: it has to be a string/,
    ],
    [
      'an instance by number, asked for its next runs',
      (p) => p.nextRuns('hello', 7 as never),
      /name 7: it has to be a string/,
    ],
    [
      'a limit of next runs in place of a name',
      (p) => p.nextRuns('hello', { limit: 1 } as never),
      /name an object: it has to be a string; options stand after it, and null stands for no name/,
    ],
    [
      'an instance by number, asked for its executions',
      (p) => p.listExecutions('hello', 5 as never),
      /instance of task 'hello' cannot have the name 5: it has to be a string/,
    ],
    [
      'a list of instances, asked for their executions',
      (p) => p.listExecutions('hello', [] as never),
      /name a list: it has to be a string/,
    ],
    [
      'a page of executions in place of a name',
      (p) => p.listExecutions('hello', { limit: 1 } as never),
      /name an object: it has to be a string; options stand after it, and null stands for no name/,
    ],
    [
      'a token that is none',
      (p) => p.listTasks('hello', { continuationToken: 7 as never }),
      /continuationToken is none that listTasks/,
    ],
    [
      'a selector that throws',
      (p) => p.scheduleTask('split', 'a', { interval }),
      /partitionSelector of task 'split' failed for split:a: .*no such region/,
    ],
    [
      'args that cannot be stored, before their schema is asked',
      (p) => p.scheduleTask('checked', 'a', { interval, args: { name: 'x', f() {} } }),
      /checked:a cannot be scheduled: args\.f is a function/,
    ],
    [
      'an unknown option, before the schema is asked',
      (p) => p.scheduleTask('checked', 'a', { intervall: interval } as never),
      /no option 'intervall'/,
    ],
  ])('%s', async (_what, call, message) => {
    const error = await refused(call);
    expect(String(error)).toMatch(message);
    expect(error).toBeInstanceOf(InvalidScheduleException);
  });

  it('a name that stands in the factory, not beside it', async () => {
    class Made {
      @Task({ useFactory: () => ({ interval, name: 'other' }) as object })
      run(): void {}
    }
    expect((await refusal([Made])).message).toMatch(/Made\.run.*name .*beside useFactory/);
  });
});
