import { setTimeout as realSleep } from 'node:timers/promises';
import {
  DynamicTask,
  ExecutionMode,
  FailureMode,
  LeaseLostException,
  PartitionedTask,
  Task,
  type TaskContext,
  WithHeartbeat,
} from 'nestjs-pyncette';
import { TestClock } from 'nestjs-pyncette/testing';
import { of, timer, map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { defaultPartition } from '../../lib/core/partitioning.js';
import { launch } from './launch.js';

const seconds = (clock: TestClock): number => (clock.now() - Date.parse('2026-01-01T00:00:00Z')) / 1_000;

describe('The context of an execution', () => {
  it('tells what runs, when, and which attempt it is', async () => {
    const seen: unknown[] = [];
    class Tasks {
      @DynamicTask({ leaseDuration: '30s', retry: { maxAttempts: 3, delay: '1s' } })
      async run(context: TaskContext<{ n: number }>): Promise<void> {
        const { task, scheduledAt, args, attempt, missed, executionId, manager, signal, app } = context;
        seen.push({ task, scheduledAt: scheduledAt.toISO(), args, attempt, missed, executionId });
        expect([manager, signal.aborted, app]).toEqual([undefined, false, pyncette]);
        if (attempt < 3) throw new Error('again');
      }
    }
    const { pyncette, clock } = await launch([Tasks]);
    await pyncette.scheduleTask('run', 'a', {
      schedule: '* * * * *',
      timezone: 'Asia/Kolkata',
      args: { n: 1 },
    });
    await clock.advance('70s');
    expect(seen).toHaveLength(3);
    const [first] = seen as { executionId: string }[];
    const { executionId } = first ?? { executionId: '' };
    expect(executionId.length).toBeGreaterThan(10);
    expect(seen).toEqual(
      [1, 2, 3].map((attempt) => ({
        task: {
          name: 'run',
          instanceName: 'a',
          canonicalName: 'run:a',
          leaseDuration: 30_000,
          executionMode: ExecutionMode.AT_LEAST_ONCE,
          timezone: 'Asia/Kolkata',
        },
        scheduledAt: '2026-01-01T05:31:00.000+05:30',
        args: { n: 1 },
        attempt,
        missed: 0,
        executionId,
      })),
    );
  });

  it('awaits promises and observables as Nest does', async () => {
    const ends: string[] = [];
    class Tasks {
      @Task({ interval: '1s' })
      promised(): Promise<unknown> {
        return clock.sleep('100ms').then(() => ends.push('promise'));
      }
      @Task({ interval: '1s' })
      observed() {
        return timer(5).pipe(map(() => ends.push('observable')));
      }
      @Task({ interval: '1s' })
      empty() {
        return of();
      }
    }
    const { clock, of: ofType } = await launch([Tasks]);
    await clock.advance('1500ms');
    expect(ends.sort()).toEqual(['observable', 'promise']);
    expect(
      ofType('task:succeeded')
        .map(({ task }) => task)
        .sort(),
    ).toEqual(['empty', 'observed', 'promised']);
  });
});

describe('S7: whatever a handler throws', () => {
  it('is a failure and nothing more', async () => {
    const failing = () => {
      throw new Error('not to be shown');
    };
    class Mute extends Error {
      override get message(): string {
        return failing();
      }
    }
    const thrown: unknown[] = [
      undefined,
      null,
      0,
      'text',
      { code: 5 },
      Symbol('s'),
      Object.create(null),
      { toString: failing },
      Object.assign(new Error('x'), { name: undefined, message: { code: 5 } }),
      new Mute(),
      new Error('error'),
    ];
    class Tasks {
      calls = 0;
      @Task({ interval: '1s', failureMode: FailureMode.COMMIT })
      sync(): void {
        throw thrown[this.calls++ % thrown.length];
      }
      @Task({ interval: '1s', failureMode: FailureMode.COMMIT })
      rejected(): Promise<void> {
        return Promise.reject(undefined);
      }
    }
    const { clock, of: ofType, pyncette } = await launch([Tasks]);
    await clock.advance(thrown.length * 1_000);
    expect(ofType('task:failed')).toHaveLength(2 * thrown.length);
    expect(ofType('task:parked')).toEqual([]);
    expect((await pyncette.getTask('sync'))?.lastError?.message).toBe('error');
    expect(pyncette.isHealthy()).toBe(true);
  });
});

describe('timeout', () => {
  it('aborts the signal, counts as a failure, and frees the instance for its next attempt', async () => {
    const attempts: string[] = [];
    class Tasks {
      @DynamicTask({ timeout: '2s', retry: { maxAttempts: 2, delay: '1s', exhausted: 'commit' } })
      async slow(context: TaskContext): Promise<void> {
        attempts.push(`${context.attempt} at ${seconds(clock)}`);
        await clock.sleep('1h', context.signal);
      }
    }
    const { clock, pyncette, of: ofType } = await launch([Tasks]);
    await pyncette.scheduleTask('slow', 'a', { executeIn: '1s' });
    await clock.advance('10s');
    expect(attempts).toEqual(['1 at 1', '2 at 4']);
    expect(ofType('task:failed').map(({ error }) => (error as Error).name)).toEqual([
      'TaskTimeoutException',
      'TaskTimeoutException',
    ]);
  });
});

describe('Heartbeats', () => {
  class Long {
    runs = 0;
    clock = new TestClock();
    @DynamicTask({ leaseDuration: '10s' })
    @WithHeartbeat({ leaseRemainingRatio: 0.5 })
    async kept(): Promise<void> {
      this.runs++;
      await this.clock.sleep('60s');
    }
    @DynamicTask({ leaseDuration: '10s' })
    async cooperative(context: TaskContext): Promise<void> {
      this.runs++;
      for (let step = 0; step < 10; step++) {
        await this.clock.sleep('6s');
        await context.heartbeat();
      }
    }
    @DynamicTask({ leaseDuration: '10s' })
    async forgotten(): Promise<void> {
      this.runs++;
      await this.clock.sleep('15s');
    }
    @DynamicTask({ executionMode: ExecutionMode.AT_MOST_ONCE, leaseDuration: '10s' })
    async never(context: TaskContext): Promise<void> {
      this.runs++;
      await this.clock.sleep('15s');
      await context.heartbeat();
    }
  }
  const run = async (task: string, heartbeat = false) => {
    const long = new Long();
    const launched = await launch([{ provide: Long, useValue: long }], { clock: long.clock, heartbeat });
    await launched.pyncette.scheduleTask(task, 'a', { executeIn: '1s' });
    await long.clock.advance('70s');
    return { long, ...launched };
  };

  it.each(['kept', 'cooperative'])('keep the lease of a long execution (%s)', async (task) => {
    const { long, of: ofType } = await run(task);
    expect(long.runs).toBe(1);
    expect(ofType('lease:extended').length).toBeGreaterThan(8);
    expect(ofType('task:succeeded')).toHaveLength(1);
  });

  it('are forgotten: the execution is run again when its lease is over', async () => {
    const { long, of: ofType } = await run('forgotten');
    expect(long.runs).toBeGreaterThan(1);
    expect(ofType('lease:lost').length).toBeGreaterThan(0);
  });

  it('of every task are an option of the module', async () => {
    const { long, of: ofType } = await run('forgotten', true);
    expect(long.runs).toBe(1);
    expect(ofType('task:succeeded')).toHaveLength(1);
  });

  it('do nothing at most once, where there is no lease', async () => {
    const { long, of: ofType } = await run('never', true);
    expect(long.runs).toBe(1);
    expect(ofType('lease:extended')).toEqual([]);
    expect(ofType('task:succeeded')).toHaveLength(1);
  });

  it('of a lost lease throw, and abort the signal', async () => {
    const seen: unknown[] = [];
    class Tasks {
      @DynamicTask({ leaseDuration: '10s' })
      async own(context: TaskContext): Promise<void> {
        if (seen.length > 0) return;
        await clock.sleep('2s');
        await context.heartbeat().catch((error: unknown) => seen.push(error));
      }
      @DynamicTask({ leaseDuration: '10s' })
      @WithHeartbeat()
      async background(context: TaskContext): Promise<void> {
        if (seen.length > 0) return;
        await clock.sleep('60s', context.signal).catch((error: unknown) => seen.push(error));
      }
    }
    const { clock, pyncette } = await launch([Tasks]);
    for (const task of ['own', 'background']) {
      seen.length = 0;
      await pyncette.scheduleTask(task, 'a', { executeIn: '1s' });
      await clock.advance('2s');
      await pyncette.scheduleTask(task, 'a', { interval: '1h', force: true });
      await clock.advance('9s');
      expect(seen).toHaveLength(1);
      expect(seen[0]).toBeInstanceOf(LeaseLostException);
    }
  });
});

describe('concurrencyLimit', () => {
  it('bounds a task, and all of them; a slow one starves nobody (F2)', async () => {
    let now = 0;
    const most = { slow: 0, fast: 0 };
    class Tasks {
      slowNow = 0;
      fastRuns = 0;
      @DynamicTask({ concurrencyLimit: 2 })
      async slow(): Promise<void> {
        most.slow = Math.max(most.slow, ++this.slowNow);
        await clock.sleep('10s');
        this.slowNow--;
      }
      @DynamicTask()
      async fast(): Promise<void> {
        most.fast = Math.max(most.fast, ++now);
        this.fastRuns++;
        await clock.sleep('1s');
        now--;
      }
    }
    const { app, clock, pyncette } = await launch([Tasks], { concurrencyLimit: 5 });
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ instanceName: `i${i}`, executeIn: 0 }));
    await pyncette.scheduleTasks('slow', many(10));
    await pyncette.scheduleTasks('fast', many(30));
    await clock.advance('12s');
    expect(most).toEqual({ slow: 2, fast: 3 });
    expect(app.get(Tasks).fastRuns).toBe(30);
    await clock.advance('60s');
    expect((await pyncette.listTasks('slow')).tasks).toEqual([]);
  });
});

describe('jitter and H', () => {
  it('shift an instance by the same amount every time, and instances apart', async () => {
    const starts = new Map<string, number[]>();
    class Tasks {
      @DynamicTask({ jitter: '20s', schedule: '* * * * *' })
      async run(context: TaskContext): Promise<void> {
        const name = String(context.task.instanceName);
        starts.set(name, [...(starts.get(name) ?? []), clock.now() % 60_000]);
        expect(context.scheduledAt.second).toBe(0);
      }
    }
    const { clock, pyncette } = await launch([Tasks]);
    const names = Array.from({ length: 20 }, (_, index) => `i${index}`);
    await pyncette.scheduleTasks(
      'run',
      names.map((instanceName) => ({ instanceName })),
    );
    await clock.advance('4m');
    await clock.advance('20s');
    const shifts = names.map((name) => starts.get(name) ?? []);
    for (const shift of shifts) {
      expect(new Set(shift).size).toBe(1);
      expect(shift[0]).toBeLessThanOrEqual(20_000);
    }
    expect(new Set(shifts.map(([shift]) => shift)).size).toBeGreaterThan(10);
  });

  it.each(['once', 'all', 'skip'] as const)('drop nothing by themselves: missed %s', async (missed) => {
    const starts: number[][] = [];
    class Tasks {
      @DynamicTask({
        jitter: '45s',
        interval: '10s',
        missed,
        maxLateness: missed === 'skip' ? '1s' : undefined,
      })
      async run(context: TaskContext): Promise<void> {
        starts.push([context.scheduledAt.toMillis() - zero, context.missed]);
        await clock.sleep('2s');
      }
    }
    const { clock, pyncette, of } = await launch([Tasks]);
    const zero = clock.now();
    // Its own share of the jitter is longer than its interval.
    await pyncette.scheduleTask('run', 'a', {});
    await clock.advance('2m');
    const [first] = of('task:started');
    expect((first?.at ?? 0) - (first?.scheduledAt ?? 0)).toBeGreaterThan(10_000);
    expect(starts.slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6].map((nth) => [nth * 10_000, 0]));
    expect(of('task:missed')).toEqual([]);
    await pyncette.pauseTask('run', 'a');
    await clock.advance('1m');
    await pyncette.resumeTask('run', 'a');
    await clock.advance('20s');
    expect(of('task:missed').length > 0).toBe(missed !== 'all');
  });

  it('H hashes the instance into its field', async () => {
    class Tasks {
      @DynamicTask({ schedule: 'H H * * *' })
      run(): void {}
    }
    const { pyncette } = await launch([Tasks]);
    const names = Array.from({ length: 30 }, (_, index) => `i${index}`);
    await pyncette.scheduleTasks(
      'run',
      names.map((instanceName) => ({ instanceName })),
    );
    const { tasks } = await pyncette.listTasks('run');
    expect(new Set(tasks.map(({ scheduledAt }) => scheduledAt?.toFormat('HH:mm'))).size).toBeGreaterThan(25);
  });
});

describe('Partitions', () => {
  it('are chosen by a hash that never changes', () => {
    const names = ['bill', 'steve', '', 'böb', '𝒳', 'user:1000000', 'a'.repeat(255)];
    expect(names.map((name) => defaultPartition(32, name))).toEqual([22, 29, 2, 22, 25, 26, 30]);
    expect(names.map((name) => defaultPartition(1, name))).toEqual(names.map(() => 0));
  });

  it('that are not enabled here are not polled here', async () => {
    const ran: string[] = [];
    class Tasks {
      @PartitionedTask({
        partitionCount: 2,
        enabledPartitions: [1],
        partitionSelector: (count, name) => Number(name) % count,
      })
      async run(context: TaskContext): Promise<void> {
        ran.push(String(context.task.instanceName));
      }
    }
    const { pyncette, clock } = await launch([Tasks]);
    const names = ['0', '1', '2', '3', '4'];
    await pyncette.scheduleTasks(
      'run',
      names.map((instanceName) => ({ instanceName, executeIn: '1s' })),
    );
    await clock.advance('5s');
    expect(ran.sort()).toEqual(['1', '3']);
    expect((await pyncette.listTasks('run')).tasks).toHaveLength(3);
    expect(await pyncette.unscheduleTask('run', '0')).toBe(true);
  });

  it('chosen by a selector that answers nonsense are refused when scheduled', async () => {
    class Tasks {
      @PartitionedTask({ partitionCount: 2, partitionSelector: () => 7 })
      run(): void {}
    }
    const { pyncette } = await launch([Tasks]);
    await expect(pyncette.scheduleTask('run', 'a', { executeIn: 1 })).rejects.toThrow(/partition/i);
  });
});

describe('TestClock', () => {
  it('names what neither finishes nor sleeps', async () => {
    class Tasks {
      @Task({ interval: '1s' })
      stuck(): Promise<void> {
        return realSleep(5_600);
      }
    }
    const { clock } = await launch([Tasks]);
    await expect(clock.advance('1s')).rejects.toThrow(/the execution of stuck .*clock\.sleep\(\)/);
    await realSleep(700);
  });

  it('passes thirty idle days quickly, and jumps over them as if away', async () => {
    class Tasks {
      runs: number[] = [];
      @Task({ schedule: '0 0 * * *' })
      async daily(context: TaskContext): Promise<void> {
        this.runs.push(context.missed);
      }
    }
    const { app, clock } = await launch([Tasks]);
    await clock.advance('30d');
    expect(app.get(Tasks).runs).toEqual(Array.from({ length: 30 }, () => 0));
    await clock.jump('30d');
    expect(app.get(Tasks).runs.slice(30)).toEqual([28, 0]);
  });

  it.each(['soon', Number.NaN, Number.NEGATIVE_INFINITY])('refuses to sleep for %s', async (duration) => {
    const clock = new TestClock();
    const message =
      /^('soon'|NaN|-Infinity) is not a duration: give milliseconds, '10s' or \{ seconds: 10 \}$/;
    expect(() => clock.sleep(duration)).toThrow(RangeError);
    expect(() => clock.sleep(duration)).toThrow(message);
    await expect(clock.advance(duration)).rejects.toThrow(message);
    await expect(clock.jump(duration)).rejects.toThrow(message);
    expect(() => new TestClock(duration)).toThrow(/is not a moment a TestClock can start at/);
    const woken: string[] = [];
    for (const name of ['2s', '1s']) void clock.sleep(name).then(() => woken.push(name));
    await clock.advance('5s');
    expect([woken, clock.now()]).toEqual([['1s', '2s'], Date.parse('2026-01-01T00:00:05Z')]);
  });

  it('sleeps for ever when told to, until the signal says otherwise', async () => {
    const clock = new TestClock();
    const abortion = new AbortController();
    const sleeping = clock.sleep(Number.POSITIVE_INFINITY, abortion.signal);
    await clock.advance('365d');
    abortion.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(clock.advance(Number.POSITIVE_INFINITY)).rejects.toThrow(/^Infinity is not a duration/);
  });
});
