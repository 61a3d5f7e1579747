import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { type ContextId, ContextIdFactory, REQUEST } from '@nestjs/core';
import { DynamicTask, Task, TaskContext } from 'nestjs-pyncette';
import { describe, expect, it, onTestFinished } from 'vitest';
import { launch, refusal } from './launch.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

class Ticks {
  runs = 0;
  @Task({ interval: '1s' })
  tick(): void {
    this.runs++;
  }
}

const ran = async (providers: Parameters<typeof launch>[0], token: unknown = Ticks): Promise<number> => {
  const { app, clock, pyncette } = await launch(providers);
  await clock.advance('3s');
  expect(pyncette.tasks.map(({ name }) => name)).toEqual(['tick']);
  return app.get<Ticks>(token as never).runs;
};

describe('A factory of options', () => {
  it('is given undefined for what is optional and not there', async () => {
    class Tasks {
      runs = 0;
      @Task({
        inject: [{ token: 'absent', optional: true }, 'EVERY'],
        useFactory: (absent: unknown, every: string) => ({ interval: absent === undefined ? every : '1h' }),
      })
      tick(): void {
        this.runs++;
      }
    }
    const { app, clock } = await launch([Tasks, { provide: 'EVERY', useValue: '1s' }]);
    await clock.advance('3s');
    expect(app.get(Tasks).runs).toBe(3);
  });
});

describe('Tasks are found, once, on', () => {
  it('useClass', async () => expect(await ran([{ provide: 'ticks', useClass: Ticks }], 'ticks')).toBe(3));

  it('useFactory', async () =>
    expect(await ran([{ provide: 'ticks', useFactory: async () => new Ticks() }], 'ticks')).toBe(3));

  it('useValue', async () =>
    expect(await ran([{ provide: 'ticks', useValue: new Ticks() }], 'ticks')).toBe(3));

  it('useExisting beside the provider it stands for', async () =>
    expect(await ran([Ticks, { provide: 'alias', useExisting: Ticks }])).toBe(3));

  it('an abstract base class, overridden in the derived one', async () => {
    abstract class Base {
      runs = 0;
      @Task({ interval: '1s' })
      tick(): void {
        throw new Error('to be overridden');
      }
    }
    class Derived extends Base {
      override tick(): void {
        this.runs++;
      }
    }
    expect(await ran([Derived], Derived)).toBe(3);
  });

  it('a method that another decorator has wrapped', async () => {
    const Wrapped =
      (): MethodDecorator => (_target: object, _key: string | symbol, descriptor: PropertyDescriptor) => {
        const method = descriptor.value as (...args: unknown[]) => unknown;
        descriptor.value = function (this: unknown, ...args: unknown[]): unknown {
          return method.apply(this, args);
        };
      };
    class Traced {
      runs = 0;
      @Wrapped()
      @Task({ interval: '1s' })
      tick(): void {
        this.runs++;
      }
    }
    expect(await ran([Traced], Traced)).toBe(3);
  });

  it('a class that two modules provide is refused, both places named', async () => {
    @Module({ providers: [Ticks] })
    class First {}
    @Module({ providers: [Ticks] })
    class Second {}
    const error = await refusal([], {}, [First, Second]);
    expect(error.message).toMatch(
      /'tick' is declared twice, at Ticks\.tick \(First\) and at Ticks\.tick \(Second\)/,
    );
  });
});

describe('Scoped providers', () => {
  it('of the request get the context as REQUEST, deep in their dependencies too', async () => {
    const seen: unknown[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Tenant {
      constructor(@Inject(REQUEST) readonly context: TaskContext<{ tenant: string }>) {}
    }
    @Injectable()
    class Reports {
      constructor(private readonly tenant: Tenant) {}
      @DynamicTask()
      async report(context: TaskContext): Promise<void> {
        seen.push([this.tenant.context === context, this.tenant.context.args.tenant]);
      }
    }
    const { pyncette, clock } = await launch([Tenant, Reports]);
    await pyncette.scheduleTask('report', 'a', { executeIn: '1s', args: { tenant: 'acme' } });
    await pyncette.scheduleTask('report', 'b', { executeIn: '1s', args: { tenant: 'umbrella' } });
    await clock.advance('2s');
    expect(seen.sort()).toEqual([
      [true, 'acme'],
      [true, 'umbrella'],
    ]);
  });

  it('that are durable are shared by what the strategy finds alike', async () => {
    const contexts = new Map<string, ContextId>();
    const strategy = {
      attach(contextId: ContextId, request: TaskContext<{ tenant: string }>) {
        const { tenant } = request.args;
        const shared = contexts.get(tenant) ?? ContextIdFactory.create();
        contexts.set(tenant, shared);
        return (info: { isTreeDurable: boolean }) => (info.isTreeDurable ? shared : contextId);
      },
    };
    ContextIdFactory.apply(strategy as never);
    onTestFinished(() => ContextIdFactory.apply(undefined as never));
    let made = 0;
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class PerTenant {
      readonly number = ++made;
      @DynamicTask()
      async work(): Promise<void> {}
    }
    const { pyncette, clock, of } = await launch([PerTenant]);
    const many = ['a', 'b', 'a', 'b', 'a'].map((tenant, index) => ({
      instanceName: `i${index}`,
      executeIn: '1s',
      args: { tenant },
    }));
    await pyncette.scheduleTasks('work', many);
    await clock.advance('2s');
    expect(of('task:succeeded')).toHaveLength(5);
    expect(made).toBe(2);
  });

  it('leave nothing behind', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Heavy {
      static readonly made: WeakRef<Heavy>[] = [];
      readonly ballast = Array.from({ length: 100 }, () => 7);
      constructor() {
        Heavy.made.push(new WeakRef(this));
      }
      @DynamicTask()
      async work(): Promise<void> {
        await Promise.resolve();
      }
    }
    const { pyncette, clock } = await launch([Heavy], { batchSize: 1_000, concurrencyLimit: 1_000 });
    const many = Array.from({ length: 10_000 }, (_, index) => ({
      instanceName: `i${index}`,
      executeIn: '1s',
    }));
    await pyncette.scheduleTasks('work', many);
    await clock.advance('10s');
    expect(Heavy.made.length).toBe(10_000);
    const alive = (): number => (collect(), Heavy.made.filter((ref) => ref.deref() !== undefined).length);
    await expect.poll(alive, { timeout: 5_000 }).toBeLessThan(10);
  });
});
