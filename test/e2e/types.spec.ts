import type { DateTime } from 'luxon';
import {
  DynamicTask,
  PartitionedTask,
  type PyncetteEvent,
  type PyncetteService,
  Task,
  type TaskContext,
} from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import type { EntityManager } from 'typeorm';
import { describe, expect, expectTypeOf, it } from 'vitest';

// Checked by the compiler (`npm run typecheck`); run, this only shows that nothing throws.

class Tasks {
  @DynamicTask()
  async hello(_context: TaskContext<{ username: string }>): Promise<void> {}

  @DynamicTask()
  async second(_first: number, _context: TaskContext<{ id: number }>): Promise<void> {}

  @PartitionedTask({ partitionCount: 4 })
  async digest(_context: TaskContext<{ userId: string }>): Promise<void> {}

  @DynamicTask()
  async bare(_context: TaskContext): Promise<void> {}

  @DynamicTask()
  async none(): Promise<void> {}

  @DynamicTask()
  async optional(_context?: TaskContext<{ id: number }>): Promise<void> {}

  @DynamicTask()
  async counts(_context: TaskContext<Record<string, number>>): Promise<void> {}

  @Task({ schedule: '@daily', timezone: 'Europe/Dublin' })
  async daily(): Promise<void> {}
}

interface Address {
  street: string;
}

/** Never called: what it would be called with is what matters. */
function calls(pyncette: PyncetteService, manager: EntityManager): readonly unknown[] {
  const { hello, second, bare, none, optional, counts } = Tasks.prototype;
  const address: Address = { street: 'Merrion Square' };
  return [
    () => pyncette.scheduleTask(hello, 'a', { schedule: '@daily', args: { username: 'bill' }, manager }),
    () =>
      pyncette.scheduleTask([Tasks, 'hello'], 'a', { interval: { seconds: 1 }, args: { username: 'bill' } }),
    () => pyncette.scheduleTask(second, 'a', { executeIn: '1s', args: { id: 1 } }),
    () => pyncette.scheduleTask(bare, 'a', { executeAt: new Date(), args: { any: 'thing' } }),
    () => pyncette.scheduleTask(none, 'a', { executeAt: '2026-01-01', timezone: 'UTC', args: { any: 1 } }),
    () => pyncette.scheduleTask<{ id: number }>('second', 'a', { executeIn: 5, args: { id: 1 } }),
    () => pyncette.scheduleTasks(hello, [{ instanceName: 'a', interval: 5, args: { username: 'x' } }]),
    () => pyncette.scheduleTask([Tasks, 'digest'], 'a', { interval: 5, args: { userId: 'x' } }),
    () => pyncette.scheduleTask(bare, 'a', { interval: 5, args: address }),
    () => pyncette.scheduleTask(none, 'a', { interval: 5, args: address }),
    () => pyncette.scheduleTask('bare', 'a', { interval: 5, args: address }),
    () => pyncette.scheduleTasks('bare', [{ instanceName: 'a', interval: 5, args: address }]),
    () => pyncette.triggerTask('bare', 'a', { args: address }),
    () => Task({ interval: 5, args: address }),
    () => pyncette.scheduleTask(optional, 'a', { interval: 5, args: { id: 1 } }),
    // @ts-expect-error a parameter that may be left out states them too
    () => pyncette.scheduleTask(optional, 'a', { interval: 5, args: { id: '1' } }),
    // @ts-expect-error all of them are numbers
    () => pyncette.scheduleTask(counts, 'a', { interval: 5, args: { one: 'two' } }),
    // @ts-expect-error a partitioned task's args are checked too
    () => pyncette.scheduleTask(Tasks.prototype.digest, 'a', { interval: 5, args: { userId: 7 } }),
    // @ts-expect-error and those of many instances
    () => pyncette.scheduleTasks(hello, [{ instanceName: 'a', interval: 5, args: { username: 7 } }]),
    // @ts-expect-error the username is missing
    () => pyncette.scheduleTask(hello, 'a', { interval: 5, args: { name: 'bill' } }),
    // @ts-expect-error it is a number
    () => pyncette.scheduleTask([Tasks, 'second'], 'a', { interval: 5, args: { id: '1' } }),
    // @ts-expect-error there is no such method
    () => pyncette.scheduleTask([Tasks, 'helo'], 'a', { interval: 5 }),
    // @ts-expect-error as stated
    () => pyncette.scheduleTask<{ id: number }>('second', 'a', { executeIn: 5, args: { id: '1' } }),
  ];
}

describe('The types', () => {
  it('of args come from the method', () => {
    expect(calls).toBeTypeOf('function');
  });

  it('of a context, whose manager is what the repository says', () => {
    expect(typeOrmRepository).toBeTypeOf('function');
    expectTypeOf<TaskContext<{ id: number }>['args']>().toEqualTypeOf<{ id: number }>();
    expectTypeOf<TaskContext['args']>().toEqualTypeOf<Record<string, unknown>>();
    expectTypeOf<TaskContext['scheduledAt']>().toEqualTypeOf<DateTime>();
    expectTypeOf<TaskContext['manager']>().toEqualTypeOf<EntityManager>();
    expectTypeOf<TaskContext['signal']>().toEqualTypeOf<AbortSignal>();
  });

  it('of events are a union by type', () => {
    type Failed = Extract<PyncetteEvent, { type: 'task:failed' }>;
    expectTypeOf<Failed['error']>().toEqualTypeOf<unknown>();
    expectTypeOf<Failed['attempt']>().toEqualTypeOf<number>();
    expectTypeOf<PyncetteEvent['at']>().toEqualTypeOf<number>();
    expectTypeOf<PyncetteEvent['type']>().toExtend<string>();
  });

  it('of decorators know their options', () => {
    expect([
      () => Task({ interval: 1 }),
      // @ts-expect-error no such option
      () => Task({ intervall: 1 }),
    ]).toHaveLength(2);
  });
});
