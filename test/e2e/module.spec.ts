import {
  type CallHandler,
  type DynamicModule,
  type ExecutionContext,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  type NestInterceptor,
  forwardRef,
} from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  DynamicTask,
  PyncetteModule,
  type PyncetteModuleOptions,
  type PyncetteOptionsFactory,
  PyncetteService,
  Task,
  memoryRepository,
} from 'nestjs-pyncette';
import { TestClock } from 'nestjs-pyncette/testing';
import type { Observable } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { launch } from './launch.js';

@Injectable()
class Config {
  readonly batchSize = 7;
  readonly cron = '*/5 * * * * *';
}

@Module({ providers: [Config], exports: [Config] })
class ConfigModule {}

@Injectable()
class FromClass implements PyncetteOptionsFactory {
  createPyncetteOptions(): Promise<PyncetteModuleOptions> {
    return Promise.resolve({ batchSize: 7, clock: new TestClock() });
  }
}

@Module({ providers: [FromClass], exports: [FromClass] })
class FromClassModule {}

async function started(imports: NonNullable<Parameters<typeof Test.createTestingModule>[0]['imports']>) {
  const app = await Test.createTestingModule({ imports }).compile();
  onTestFinished(() => app.close());
  await app.init();
  return app;
}

const batchSizeOf = (app: TestingModule): unknown =>
  Reflect.get(app.get(PyncetteService), 'runtime').scheduler.settings.batchSize;

describe('forRootAsync', () => {
  it('takes a factory with what it injects', async () => {
    const app = await started([
      PyncetteModule.forRootAsync({
        imports: [ConfigModule],
        inject: [Config, { token: 'absent', optional: true }],
        useFactory: async (config: Config, absent: unknown) => ({
          batchSize: absent === undefined ? config.batchSize : 1,
          clock: new TestClock(),
        }),
      }),
    ]);
    expect(batchSizeOf(app)).toBe(7);
  });

  it('takes a class', async () => {
    expect(batchSizeOf(await started([PyncetteModule.forRootAsync({ useClass: FromClass })]))).toBe(7);
  });

  it('takes a class that is provided elsewhere', async () => {
    const imports = [FromClassModule];
    const app = await started([PyncetteModule.forRootAsync({ imports, useExisting: FromClass })]);
    expect(batchSizeOf(app)).toBe(7);
  });
});

@Injectable()
class Base {
  readonly calls: string[] = [];

  @Task({ interval: '2s' })
  inherited(): void {
    this.calls.push('inherited');
  }
}

@Injectable()
class Derived extends Base {
  constructor(private readonly config: Config) {
    super();
  }

  @Task({
    name: 'made',
    inject: [Config],
    useFactory: (config: Config) => ({ schedule: config.cron, args: { from: 'factory' } }),
  })
  async made(context: { args: object }): Promise<void> {
    this.calls.push(`made ${JSON.stringify(context.args)} ${this.config.batchSize}`);
  }

  @Task({ inject: ['OFF'], useFactory: (off: boolean) => ({ interval: 1_000, enabled: !off }) })
  disabled(): void {
    this.calls.push('disabled');
  }
}

describe('Tasks', () => {
  it('are made by factories, inherited, and told where they stand', async () => {
    const off = { provide: 'OFF', useValue: true };
    const { app, pyncette, clock } = await launch([Derived, Config, off]);
    await clock.advance('5s');
    expect(app.get(Derived).calls).toEqual(['inherited', 'inherited', 'made {"from":"factory"} 7']);
    expect(
      pyncette.tasks.map(({ name, kind, declaredAt, isEnabled }) => [name, kind, declaredAt, isEnabled]),
    ).toEqual(
      expect.arrayContaining([
        ['inherited', 'static', 'Derived.inherited', true],
        ['made', 'static', 'Derived.made', true],
        ['disabled', 'static', 'Derived.disabled', false],
      ]),
    );
  });

  it('of a controller are found too', async () => {
    class Controller {
      static calls = 0;
      @Task({ interval: '1s' })
      tick(): void {
        Controller.calls++;
      }
    }
    Reflect.defineMetadata('path', '/', Controller);
    const { clock } = await launch([], { controllers: [Controller] });
    await clock.advance('3s');
    expect(Controller.calls).toBe(3);
  });

  it('of a request-scoped provider get an instance for each execution', async () => {
    let made = 0;
    class Scoped {
      readonly number = ++made;
      constructor(readonly request: { args: { n: number } }) {}

      @DynamicTask()
      async run(context: { args: { n: number } }): Promise<void> {
        seen.push([this.number, this.request.args.n, context.args.n]);
      }
    }
    const seen: number[][] = [];
    Inject('REQUEST')(Scoped, undefined, 0);
    Injectable({ scope: 2 })(Scoped);
    const { pyncette, clock } = await launch([Scoped]);
    await pyncette.scheduleTask('run', 'a', { executeIn: 1_000, args: { n: 1 } });
    await pyncette.scheduleTask('run', 'b', { executeIn: 2_000, args: { n: 2 } });
    await clock.advance('5s');
    expect(seen.map(([, ...rest]) => rest)).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(new Set(seen.map(([number]) => number)).size).toBe(2);
  });

  it('of lazily loaded modules are known from the next call', async () => {
    class Late {
      static calls = 0;
      @DynamicTask()
      late(): void {
        Late.calls++;
      }
    }
    Injectable()(Late);
    class LateModule {}
    Module({ providers: [Late] })(LateModule);
    const { app, pyncette, clock } = await launch([]);
    await expect(pyncette.getTask('late')).rejects.toMatchObject({ code: 'PYNCETTE_TASK_NOT_FOUND' });
    await app.get(LazyModuleLoader).load(() => LateModule);
    await pyncette.scheduleTask('late', 'a', { executeIn: '1s' });
    await clock.advance('2s');
    expect(Late.calls).toBe(1);
  });

  it('of lazily loaded modules are refused in the log where they are wrong, and keep no other from going on', async () => {
    class Wrong {
      @Task({ interval: -1 })
      wrong(): void {}
    }
    class Good {
      calls = 0;
      @Task({ interval: '1s' })
      good(): void {
        this.calls++;
      }
    }
    class WrongModule {}
    Module({ providers: [Wrong] })(WrongModule);
    const { app, clock, logged } = await launch([Good]);
    await app.get(LazyModuleLoader).load(() => WrongModule);
    await clock.advance('3s');
    expect(app.get(Good).calls).toBe(3);
    expect(logged.filter((line) => line.includes('Wrong.wrong'))).toHaveLength(1);
  });
});

describe('An interceptor that is no provider', () => {
  @Injectable()
  class Dep {
    constructor(readonly name = 'right') {}
  }
  const injected: string[] = [];
  @Injectable()
  class Noting implements NestInterceptor {
    constructor(private readonly dep: Dep) {}
    intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
      injected.push(this.dep.name);
      return next.handle();
    }
  }
  class Ticks {
    @Task({ interval: '1s' })
    tick(): void {}
  }
  const right = { provide: Dep, useFactory: () => new Dep() };
  const wrong = { provide: Dep, useFactory: () => new Dep('wrong') };
  class Jobs {}
  Module({ providers: [right, Ticks] })(Jobs);

  it.each<[string, (scheduler: DynamicModule) => NonNullable<ModuleMetadata['imports']>]>([
    ['a dynamic module', (scheduler) => [{ module: Jobs, imports: [scheduler] }]],
    [
      'a promise within a dynamic module',
      (scheduler) => [{ module: Jobs, imports: [Promise.resolve(scheduler)] }],
    ],
    ['a forward reference', (scheduler) => [{ module: Jobs, imports: [forwardRef(() => scheduler)] }]],
    [
      'a module that is promised itself',
      (scheduler) => [Promise.resolve({ module: Jobs, imports: [scheduler] })],
    ],
  ])('is created in the module that imports PyncetteModule: %s', async (_how, importsOf) => {
    const clock = new TestClock();
    class AppModule {}
    const scheduler = PyncetteModule.forRoot({ clock, interceptors: [Noting] });
    Module({ imports: importsOf(scheduler), providers: [wrong] })(AppModule);
    injected.length = 0;
    await started([AppModule]);
    await clock.advance('2s');
    expect(injected).toEqual(['right', 'right']);
  });
});

describe('Applications in one process', () => {
  class Ticks {
    calls = 0;
    @Task({ interval: '1s' })
    tick(): void {
      this.calls++;
    }
  }

  it('do not touch each other', async () => {
    const [one, other] = [await launch([Ticks]), await launch([Ticks])];
    await one.clock.advance('5s');
    expect([one.app.get(Ticks).calls, other.app.get(Ticks).calls]).toEqual([5, 0]);
    await one.app.close();
    await other.clock.advance('3s');
    expect(other.app.get(Ticks).calls).toBe(3);
  });

  it('share a memoryRepository() that both were given', async () => {
    const clock = new TestClock();
    const repository = memoryRepository();
    const one = await launch([Ticks], { clock, repository });
    const other = await launch([Ticks], { clock, repository });
    await clock.advance('10s');
    expect(one.app.get(Ticks).calls + other.app.get(Ticks).calls).toBe(10);
    await one.app.close();
    await clock.advance('5s');
    expect(one.app.get(Ticks).calls + other.app.get(Ticks).calls).toBe(15);
  });
});

describe('autoStart: false', () => {
  class Ticks {
    calls = 0;
    @DynamicTask()
    tick(): void {
      this.calls++;
    }
  }

  it('only schedules, until start(); stop() and start() may follow', async () => {
    const { app, pyncette, clock } = await launch([Ticks], { autoStart: false });
    await pyncette.scheduleTask('tick', 'a', { interval: '1s' });
    await clock.advance('5s');
    expect([app.get(Ticks).calls, pyncette.lastTick, pyncette.isHealthy()]).toEqual([0, null, false]);
    await pyncette.start();
    await clock.advance('2s');
    expect(app.get(Ticks).calls).toBeGreaterThanOrEqual(2);
    expect(pyncette.isHealthy()).toBe(true);
    await pyncette.stop();
    const before = app.get(Ticks).calls;
    await clock.advance('10s');
    expect(app.get(Ticks).calls).toBe(before);
    await pyncette.start();
    await clock.advance('2s');
    expect(app.get(Ticks).calls).toBeGreaterThan(before);
  });

  it('tick() polls once and resolves when what it claimed has been started', async () => {
    const { app, pyncette, clock } = await launch([Ticks], { autoStart: false });
    await pyncette.scheduleTask('tick', 'a', { executeIn: 0 });
    await pyncette.scheduleTask('tick', 'b', { executeIn: '1h' });
    await pyncette.tick();
    await clock.advance(0);
    expect(app.get(Ticks).calls).toBe(1);
    expect(pyncette.lastTick?.toMillis()).toBe(clock.now());
  });
});
