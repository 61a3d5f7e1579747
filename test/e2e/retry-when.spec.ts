import { TypeOrmModule } from '@nestjs/typeorm';
import {
  DynamicTask,
  type RetryDecision,
  Task,
  TaskContext,
  TaskTimeoutException,
  type TaskOptions,
} from 'nestjs-pyncette';
import type { TestClock } from 'nestjs-pyncette/testing';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { describe, expect, it } from 'vitest';
import { launch, refusal } from './launch.js';

class NotFound extends Error {}

/** What the tests decide, and what was asked. */
const asked: { error: unknown; context: TaskContext }[] = [];
let decision: unknown = 'retry';
let clock: TestClock | null = null;

function when(error: unknown, context: TaskContext): RetryDecision {
  asked.push({ error, context });
  if (decision instanceof Error) throw decision;
  return decision as RetryDecision;
}

class Tasks {
  attempts: string[] = [];

  @DynamicTask({ retry: { maxAttempts: 3, delay: '10s', when } })
  async fetch(context: TaskContext<{ page?: string }>): Promise<void> {
    this.attempts.push(`${context.attempt} at ${context.scheduledAt.toFormat('mm:ss')}`);
    throw new NotFound('no such page');
  }

  @DynamicTask({ retry: { maxAttempts: 2, delay: '10s', when }, timeout: '1s' })
  async slow(context: TaskContext): Promise<void> {
    await clock?.sleep('1h', context.signal);
  }
}

async function failing(decided: unknown) {
  decision = decided;
  asked.length = 0;
  const launched = await launch([Tasks]);
  clock = launched.clock;
  return { ...launched, tasks: launched.app.get(Tasks) };
}

describe('retry.when', () => {
  it('is given the error and the context of the execution that failed', async () => {
    const { pyncette, clock } = await failing('retry');
    await pyncette.scheduleTask('fetch', 'home', { executeIn: '1s', args: { page: '/' } });
    await clock.advance('2s');
    expect(asked).toHaveLength(1);
    expect(asked[0]?.error).toBeInstanceOf(NotFound);
    expect(asked[0]?.context).toBeInstanceOf(TaskContext);
    expect(asked[0]?.context).toMatchObject({ attempt: 1, args: { page: '/' } });
    expect(asked[0]?.context.task.canonicalName).toBe('fetch:home');
  });

  it("'retry' goes on as the policy says, and ends with its last attempt", async () => {
    const { pyncette, clock, tasks, of } = await failing('retry');
    await pyncette.scheduleTask('fetch', 'home', { executeIn: '1s' });
    await clock.advance('1m');
    expect(of('task:started').map(({ at }) => at / 1_000)).toEqual(
      [1, 11, 21].map((second) => Date.parse('2026-01-01T00:00:00Z') / 1_000 + second),
    );
    expect(tasks.attempts).toHaveLength(3);
    expect((await pyncette.getTask('fetch', 'home'))?.state).toBe('parked');
  });

  it('{ delay } says when instead, and ends with the last attempt too', async () => {
    const { pyncette, clock, tasks, of } = await failing({ delay: { seconds: 2 } });
    await pyncette.scheduleTask('fetch', 'home', { executeIn: '1s' });
    await clock.advance('20s');
    const zero = Date.parse('2026-01-01T00:00:00Z');
    expect(of('task:started').map(({ at }) => (at - zero) / 1_000)).toEqual([1, 3, 5]);
    expect(tasks.attempts).toHaveLength(3);
    expect(of('task:parked')).toHaveLength(1);
  });

  it("'commit' goes on with the next occurrence at once", async () => {
    const { pyncette, clock, tasks } = await failing('commit');
    await pyncette.scheduleTask('fetch', 'home', { interval: '5s' });
    await clock.advance('10s');
    expect(tasks.attempts).toEqual(['1 at 00:05', '1 at 00:10']);
    expect((await pyncette.getTask('fetch', 'home'))?.lastError).toMatchObject({ message: 'no such page' });
  });

  it("'park' waits for a person, though attempts are left", async () => {
    const { pyncette, clock, tasks, of, logged } = await failing('park');
    await pyncette.scheduleTask('fetch', 'home', { interval: '5s' });
    await clock.advance('1m');
    expect(tasks.attempts).toEqual(['1 at 00:05']);
    expect(of('task:parked')).toMatchObject([{ task: 'fetch', instanceName: 'home' }]);
    expect(logged).toContain('error: fetch:home is parked until resumeTask(): Error');
    await pyncette.resumeTask('fetch', 'home');
    await clock.advance('1s');
    expect(tasks.attempts).toHaveLength(2);
  });

  it('is asked about timeouts', async () => {
    const { pyncette, clock } = await failing('park');
    await pyncette.scheduleTask('slow', 'one', { executeIn: '1s' });
    await clock.advance('5s');
    expect(asked[0]?.error).toBeInstanceOf(TaskTimeoutException);
    expect(await pyncette.countTasks('slow', { state: 'parked' })).toBe(1);
  });

  it.each([
    ['throws', new TypeError('secret'), /retry.when of task 'fetch' \(Tasks.fetch\) failed: TypeError/],
    ['answers nothing', undefined, /answered undefined, but has to answer 'retry', 'commit', 'park' or/],
    ['answers another word', 'ignore', /answered 'ignore'/],
    ['answers no duration', { delay: 'soon' }, /failed: RangeError/],
    ['is async', Promise.resolve('park'), /answered a promise/],
  ])('that %s counts as a retry, and is said once', async (_what, decided, message) => {
    const { pyncette, clock, tasks, logged } = await failing(decided);
    await pyncette.scheduleTask('fetch', 'home', { executeIn: '1s' });
    await clock.advance('1m');
    expect(tasks.attempts).toHaveLength(3);
    const warnings = logged.filter((line) => line.startsWith('warn') && line.includes('retry.when'));
    expect(warnings).toEqual([expect.stringMatching(message)]);
    expect(warnings[0]).not.toContain('secret');
  });

  it('has to be a function, spelt as it is', async () => {
    const wrong = (options: TaskOptions) => {
      class Wrong {
        @Task({ interval: '1s', ...options })
        task(): void {}
      }
      return refusal([Wrong]);
    };
    const retry = { maxAttempts: 2, delay: 1 };
    expect((await wrong({ retry: { ...retry, when: 'park' as never } })).message).toMatch(
      /retry: when is 'park'; it has to be a function/,
    );
    expect((await wrong({ retry: { ...retry, wen: when } as never })).message).toMatch(
      /no option 'wen' \(did you mean 'when'\?\)/,
    );
  });

  it('decides about a transactional execution once its transaction is undone', async () => {
    class Payments {
      @DynamicTask({ transactional: true, retry: { maxAttempts: 5, delay: '1s', when: () => 'park' } })
      async pay({ manager }: TaskContext): Promise<void> {
        await manager.query('CREATE TABLE paid (id integer)');
        throw new Error('declined');
      }
    }
    const database = TypeOrmModule.forRoot({ type: 'better-sqlite3', database: ':memory:' });
    const { pyncette, clock } = await launch([Payments], {
      imports: [database],
      repository: typeOrmRepository(),
    });
    await pyncette.scheduleTask('pay', 'order 1', { executeIn: '1s' });
    await clock.advance('10s');
    expect(await pyncette.getTask('pay', 'order 1')).toMatchObject({
      state: 'parked',
      lastError: { message: 'declined' },
    });
  });
});
