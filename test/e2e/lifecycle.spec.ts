import {
  type CallHandler,
  ConsoleLogger,
  type ExecutionContext,
  Injectable,
  type LogLevel,
  Module,
  type NestInterceptor,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  DynamicTask,
  FailureMode,
  type FixtureProvider,
  PyncetteModule,
  PyncetteService,
  Task,
  type TaskContext,
  WithHeartbeat,
  memoryRepository,
} from 'nestjs-pyncette';
import { TestClock } from 'nestjs-pyncette/testing';
import { describe, expect, it, vi } from 'vitest';
import { LogBook, launch } from './launch.js';

/** An application whose modules write down when their hooks run. */
function scene(options: { shutdownTimeout?: string } = {}) {
  const log: string[] = [];
  const clock = new TestClock();

  class Hooks implements OnApplicationBootstrap, OnModuleDestroy {
    protected readonly who: string = 'feature';
    onApplicationBootstrap(): Promise<void> {
      return Promise.resolve().then(() => void log.push(`${this.who} bootstrapped`));
    }
    onModuleDestroy(): void {
      log.push(`${this.who} destroyed`);
    }
  }

  @Injectable()
  class Tasks extends Hooks {
    @Task({ interval: '10s', leaseDuration: '5s' })
    @WithHeartbeat()
    async work(context: TaskContext): Promise<void> {
      log.push('work begins');
      await clock.sleep('20s', context.signal).catch((error: Error) => log.push(error.name));
      log.push('work ends');
    }

    @Task({ interval: '11s' })
    async ignoring(): Promise<void> {
      if (options.shutdownTimeout !== undefined) await clock.sleep('10m');
    }

    @DynamicTask()
    later(): void {}
  }

  @Module({ imports: [PyncetteModule.forRoot({ ...options, clock })], providers: [Tasks] })
  class Feature {}

  @Module({ imports: [Feature] })
  class Root extends Hooks {
    protected override readonly who = 'root';
  }
  return { log, clock, Root };
}

async function compiled(root: object) {
  const logBook = new LogBook();
  const app = await Test.createTestingModule({ imports: [root as never] })
    .setLogger(logBook)
    .compile();
  return { app, pyncette: app.get(PyncetteService), logged: logBook.lines };
}

describe('The life of an application', () => {
  it('first tick after the last bootstrap hook; nothing is destroyed before what runs has ended (S1, S2)', async () => {
    const { log, clock, Root } = scene();
    const { app, pyncette } = await compiled(Root);
    await app.init();
    expect(log).toEqual(['feature bootstrapped', 'root bootstrapped']);
    expect(pyncette.lastTick).toBeNull();
    await clock.advance('12s');
    const closing = app.close();
    await clock.advance('8s');
    expect(pyncette.inFlight).toBe(1);
    expect(await pyncette.getTask('work')).toMatchObject({ state: 'running' });
    await pyncette.scheduleTask('later', 'while draining', { executeIn: '1h' });
    await clock.advance('20s');
    await closing;
    expect(log.slice(2)).toEqual(['work begins', 'work ends', 'root destroyed', 'feature destroyed']);
  });

  it('shutdownTimeout aborts what runs on, waits a second more, and leaves the rest to its lease', async () => {
    const { log, clock, Root } = scene({ shutdownTimeout: '5s' });
    const { app } = await compiled(Root);
    await app.init();
    await clock.advance('12s');
    let isClosed = false;
    const closing = app.close().then(() => void (isClosed = true));
    await clock.advance('4s');
    expect(log.slice(2)).toEqual(['work begins']);
    await clock.advance('1s');
    expect(log.slice(2)).toEqual(['work begins', 'ShutdownException', 'work ends']);
    expect(isClosed).toBe(false);
    await clock.advance('1s');
    await closing;
    expect(log.slice(-2)).toEqual(['root destroyed', 'feature destroyed']);
  });

  it('polls nothing when it has begun to close, whoever asks', async () => {
    const ran: string[] = [];
    class Tasks {
      @DynamicTask()
      async run(context: TaskContext): Promise<void> {
        ran.push(String(context.task.instanceName));
        await clock.sleep('10s');
      }
    }
    const clock = new TestClock();
    const { app, pyncette } = await launch([Tasks], { clock, repository: memoryRepository() });
    await pyncette.scheduleTask('run', 'in flight', { executeIn: '1s' });
    await pyncette.scheduleTask('run', 'while it drains', { executeIn: '2s' });
    await pyncette.scheduleTask('run', 'afterwards', { executeIn: '15s' });
    await clock.advance('1s');
    const closing = app.close();
    await clock.advance('3s');
    await pyncette.tick();
    await pyncette.start();
    await clock.advance('10s');
    await closing;
    await clock.advance('10s');
    await pyncette.tick();
    expect(ran).toEqual(['in flight']);
  });

  it('close() twice, and at the same time, is one', async () => {
    const { log, clock, Root } = scene();
    const { app } = await compiled(Root);
    await app.init();
    await clock.advance('12s');
    const closings = [app.close(), app.close()];
    await clock.advance('30s');
    await Promise.all(closings);
    expect(log.filter((line) => line === 'work ends')).toHaveLength(1);
  });

  it('close() during the start is safe', async () => {
    const { log, clock, Root } = scene();
    const { app } = await compiled(Root);
    const starting = app.init();
    const closing = app.close();
    await clock.advance('30s');
    await Promise.allSettled([starting, closing]);
    await clock.advance('60s');
    expect(log).not.toContain('work begins');
  });

  it('what is claimed and not started is given back: another process runs it at once (S4)', async () => {
    const clock = new TestClock();
    const repository = memoryRepository();
    const ran: string[] = [];
    class Slow {
      @DynamicTask({ leaseDuration: '10m' })
      async run(context: TaskContext): Promise<void> {
        ran.push(String(context.task.instanceName));
        await clock.sleep('5s');
      }
    }
    const options = { clock, repository, concurrencyLimit: 2 };
    const [one, other] = [
      await launch([Slow], options),
      await launch([Slow], { ...options, autoStart: false }),
    ];
    const many = Array.from({ length: 6 }, (_, index) => ({ instanceName: `i${index}`, executeIn: 0 }));
    await one.pyncette.scheduleTasks('run', many);
    await clock.advance('1s');
    const closing = one.app.close();
    await other.pyncette.start();
    await clock.advance('1s');
    expect(ran).toHaveLength(4);
    await clock.advance('10s');
    await closing;
    expect(new Set(ran).size).toBe(6);
    expect(ran).toHaveLength(6);
  });
});

describe('The repository', () => {
  it('is closed with what it was opened with: it tells nothing to an application that is gone', async () => {
    const repository = memoryRepository();
    const [open, close] = [vi.spyOn(repository, 'open'), vi.spyOn(repository, 'close')];
    const { app } = await launch([], { repository });
    await app.close();
    expect(close).toHaveBeenCalledOnce();
    expect(close.mock.calls[0]?.[0]).toBe(open.mock.calls[0]?.[0]);
  });
});

describe('The log', () => {
  it('holds the resolved options once, and a hint when nobody listens for SIGTERM', async () => {
    class Tasks {
      @Task({ interval: '1s' })
      tick(): void {}
    }
    class Stamp implements FixtureProvider<string> {
      setUp = (): string => 'stamped';
    }
    class Outer implements NestInterceptor {
      intercept = (_context: ExecutionContext, next: CallHandler) => next.handle();
    }
    const more = { interceptors: [Outer, new Outer()], fixtures: [Stamp], guards: true };
    const { clock, logged } = await launch([Tasks], { batchSize: 7, ...more });
    await clock.advance('5s');
    const options = logged.filter((line) => line.includes('"batchSize":7'));
    expect(options).toHaveLength(1);
    expect(options[0]).toMatch(/1 tasks, repository memory/);
    expect(options[0]).toMatch(
      /"interceptors":\["Outer","Outer"\],"fixtures":\["Stamp"\],"globalEnhancers":false,"guards":true/,
    );
    const hints = logged.filter((line) => line.includes('enableShutdownHooks'));
    expect(hints).toHaveLength(process.listenerCount('SIGTERM') === 0 ? 1 : 0);
  });

  it('warns of an execution that outlived its lease, with the remedy (L10)', async () => {
    class Tasks {
      runs = 0;
      @DynamicTask({ leaseDuration: '1s' })
      async long(): Promise<void> {
        if (++this.runs === 1) await clock.sleep('10s');
      }
    }
    const { clock, pyncette, logged } = await launch([Tasks]);
    await pyncette.scheduleTask('long', 'a', { executeIn: '1s' });
    await clock.advance('20s');
    expect(logged.some((line) => /long:a .*lease/.test(line) && line.includes('@WithHeartbeat'))).toBe(true);
  });

  it('names the task as the context of what is logged about it, each a line of its own', async () => {
    const lines: unknown[] = [];
    class Printed extends ConsoleLogger {
      protected override printMessages(messages: unknown[], context?: string, level?: LogLevel): void {
        for (const message of messages) if (context !== 'Pyncette') lines.push([level, context, message]);
      }
      protected override printStackTrace(): void {}
    }
    class Tasks {
      @Task({ interval: '1s', failureMode: FailureMode.COMMIT })
      async fails(): Promise<void> {
        await clock.sleep('2s');
        throw new Error('no');
      }
      @Task({ interval: '1s', retry: { maxAttempts: 1, delay: '1s', exhausted: 'park' } })
      parks(): void {
        throw new Error('never');
      }
    }
    const { app, clock } = await launch([Tasks]);
    app.useLogger(new Printed());
    await clock.advance('3s');
    expect(lines.sort()).toEqual([
      ['debug', 'Pyncette fails', 'started fails'],
      ['debug', 'Pyncette fails', 'started fails'],
      ['debug', 'Pyncette parks', 'started parks'],
      ['error', 'Pyncette fails', 'fails failed (attempt 1)'],
      ['error', 'Pyncette parks', 'parks failed (attempt 1)'],
      ['error', 'Pyncette parks', 'parks is parked until resumeTask(): Error'],
      ['warn', 'Pyncette fails', 'fails: 1 missed occurrences were dropped'],
    ]);
  });
});
