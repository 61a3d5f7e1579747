import { Type } from 'class-transformer';
import { IsInt, IsString, Min, ValidateNested } from 'class-validator';
import {
  DynamicTask,
  FailureMode,
  InvalidTaskException,
  Task,
  type TaskContext,
  memoryRepository,
} from 'nestjs-pyncette';
import { describe, expect, it } from 'vitest';
import { launch, refusal } from './launch.js';

/** A Standard Schema by hand: `{ n: number }`, which it doubles. */
const doubling = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value: unknown) => {
      const { n } = value as { n?: unknown };
      return typeof n === 'number'
        ? { value: { n: n * 2 } }
        : { issues: [{ message: 'has to be a number', path: ['n'] }] };
    },
  },
};

class Address {
  @IsString()
  city!: string;
}

class Person {
  @IsInt()
  @Min(18)
  age!: number;

  @ValidateNested()
  @Type(() => Address)
  address!: Address;

  get isAdult(): boolean {
    return this.age >= 18;
  }
}

class Tasks {
  seen: unknown[] = [];

  @DynamicTask({ argsSchema: doubling })
  async standard(context: TaskContext<{ n: number }>): Promise<void> {
    this.seen.push(context.args);
  }

  @DynamicTask({ argsSchema: Person, args: { age: 20 }, failureMode: FailureMode.COMMIT })
  async person(context: TaskContext<Person>): Promise<void> {
    this.seen.push([
      context.args instanceof Person,
      context.args.address instanceof Address,
      context.args.isAdult,
    ]);
  }
}

describe('argsSchema', () => {
  it('checks what is scheduled, before anything is written', async () => {
    const { pyncette } = await launch([Tasks]);
    await expect(
      pyncette.scheduleTask('standard', 'a', { interval: '1s', args: { n: 'x' } }),
    ).rejects.toThrow(
      /standard:a cannot be scheduled: its args do not fit its argsSchema: n: has to be a number/,
    );
    const many = [
      { instanceName: 'good', interval: '1s', args: { address: { city: 'Ulm' } } },
      { instanceName: 'bad', interval: '1s', args: { age: 3, address: { city: 7 } } },
    ];
    await expect(pyncette.scheduleTasks('person', many)).rejects.toThrow(
      /person:bad .*age must not be less than 18; city must be a string/,
    );
    expect((await pyncette.listTasks('person')).tasks).toEqual([]);
  });

  it('may write to what it is given, and refuses when it fails', async () => {
    const schemaOf = (validate: (value: never) => unknown) => ({
      '~standard': { version: 1, vendor: 'test', validate },
    });
    const filling = schemaOf((value: { list: number[] }) => ({ value: (value.list.push(1), value) }));
    const broken = schemaOf(() => {
      throw new TypeError('no such type');
    });
    const seen: unknown[] = [];
    class Written {
      @DynamicTask({ argsSchema: filling, args: { list: [] } })
      fill(context: TaskContext): void {
        seen.push(context.args);
      }
      @DynamicTask({ argsSchema: broken })
      fail(): void {}
    }
    const { pyncette, clock } = await launch([Written]);
    await pyncette.scheduleTask('fill', 'a', { interval: '1s' });
    await clock.advance('2s');
    expect(seen).toEqual([{ list: [1] }, { list: [1] }]);
    const failing = pyncette.scheduleTask('fail', 'a', { interval: '1s' });
    await expect(failing).rejects.toThrow(
      /fail:a cannot be scheduled: its argsSchema failed: .*no such type/,
    );
    await expect(failing).rejects.toMatchObject({ code: 'PYNCETTE_INVALID_SCHEDULE' });

    class Fixed {
      @Task({ argsSchema: broken, interval: '1s' })
      run(): void {}
    }
    expect((await refusal([Fixed])).message).toMatch(/Task 'run' \(Fixed\.run\): its argsSchema failed/);
  });

  it('stores what was given; the context has the output', async () => {
    const { app, pyncette, clock } = await launch([Tasks]);
    await pyncette.scheduleTask('standard', 'a', { interval: '1s', args: { n: 1 } });
    await pyncette.scheduleTask('person', 'b', { interval: '1s', args: { address: { city: 'Ulm' } } });
    await clock.advance('2s');
    expect((await pyncette.getTask('standard', 'a'))?.args).toEqual({ n: 1 });
    const { seen } = app.get(Tasks);
    expect(seen.filter((one) => !Array.isArray(one))).toEqual([{ n: 2 }, { n: 2 }]);
    expect(seen.filter(Array.isArray)).toEqual([
      [true, true, true],
      [true, true, true],
    ]);
  });

  it('fails an execution whose args do not fit any more, as its failure mode decides', async () => {
    const { pyncette, clock, of, app } = await launch([Tasks]);
    await pyncette.scheduleTask('person', 'b', { interval: '10s', args: { address: { city: 'Ulm' } } });
    await pyncette.triggerTask('person', 'b', { args: { age: 3 } });
    await clock.advance('11s');
    expect(of('task:failed')).toHaveLength(1);
    expect(of('task:failed')[0]?.error).toMatchObject({ code: 'PYNCETTE_INVALID_SCHEDULE' });
    expect(app.get(Tasks).seen).toHaveLength(1);
  });

  it('parks an instance whose args do not fit any more; one that goes on after failures goes on', async () => {
    const repository = memoryRepository();
    class Before {
      @DynamicTask({ name: 'parked' })
      one(): void {}
      @DynamicTask({ name: 'committed' })
      other(): void {}
    }
    const seen: unknown[] = [];
    class After {
      @DynamicTask({ name: 'parked', argsSchema: doubling })
      one(context: TaskContext): void {
        seen.push(context.args);
      }
      @DynamicTask({ name: 'committed', argsSchema: doubling, failureMode: FailureMode.COMMIT })
      other(context: TaskContext): void {
        seen.push(context.args);
      }
    }
    const before = await launch([Before], { repository });
    for (const name of ['parked', 'committed'])
      await before.pyncette.scheduleTask(name, 'a', { interval: '10s', args: { n: 'x' } });
    await before.pyncette.stop();
    const { pyncette, clock, of } = await launch([After], { repository, clock: before.clock });
    await clock.advance('25s');
    expect(seen).toEqual([]);
    expect(
      of('task:failed')
        .map(({ task }) => task)
        .sort(),
    ).toEqual(['committed', 'committed', 'parked']);
    expect((await pyncette.getTask('parked', 'a'))?.state).toBe('parked');
    const { state, lastError } = (await pyncette.getTask('committed', 'a')) ?? {};
    expect(state).toBe('scheduled');
    expect(lastError?.name).toBe('InvalidScheduleException');
  });

  it('is checked at the start for static tasks, and itself', async () => {
    class Static {
      @Task({ interval: 1, argsSchema: doubling, args: { n: 'x' } })
      wrong(): void {}
      @Task({ interval: 1, argsSchema: { parse: 1 } })
      none(): void {}
    }
    const error = await refusal([Static]);
    expect(error).toBeInstanceOf(InvalidTaskException);
    expect(error.message).toMatch(/'wrong' .*n: has to be a number/);
    expect(error.message).toMatch(/argsSchema is an object; it has to be a Standard Schema or a class/);
  });
});
