import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type ArgumentsHost,
  BadRequestException,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  ParseIntPipe,
  type PipeTransform,
  Scope,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
  createParamDecorator,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, REQUEST, Reflector } from '@nestjs/core';
import { IsEmail, IsString } from 'class-validator';
import {
  DynamicTask,
  FailureMode,
  Fixture,
  FixtureValue,
  Task,
  TaskArgs,
  TaskContext,
  TaskCtx,
} from 'nestjs-pyncette';
import { EMPTY, Observable, catchError, retry, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { launch } from './launch.js';

let log: string[] = [];
const Roles = (role: string) => SetMetadata('role', role);

@Injectable()
class Named {
  readonly text = 'injected';
}

/** Writes down that it was there. */
function marking(name: string) {
  @Injectable()
  class Marking implements NestInterceptor {
    constructor(
      private readonly named: Named,
      private readonly reflector: Reflector,
    ) {}

    intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
      const role = this.reflector.getAllAndOverride<string>('role', [
        context.getHandler(),
        context.getClass(),
      ]);
      log.push(
        `${name} ${context.getType<string>()} ${this.named.text} ${role ?? 'nobody'} ${context.getClass().name}`,
      );
      return next.handle().pipe(tap({ complete: () => log.push(`${name} done`) }));
    }
  }
  return Marking;
}

const [OfModule, OfClass, OfMethod] = [marking('module'), marking('class'), marking('method')];

class HelloDto {
  @IsEmail()
  email!: string;

  @IsString()
  name!: string;
}

const InstanceName = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  String(context.getArgByIndex<TaskContext>(0).task.instanceName).toUpperCase(),
);

@Injectable()
class Shout implements PipeTransform<string, string> {
  transform(value: string): string {
    return `${value}!`;
  }
}

describe('Interceptors of module, class and method', () => {
  @Injectable()
  @UseInterceptors(OfClass)
  @Roles('admin')
  class Tasks {
    @Task({ interval: '10s' })
    @UseInterceptors(OfMethod)
    run(): void {
      log.push('handler');
    }
  }

  it('wrap the handler from outside in, with DI, metadata and the type of the context', async () => {
    log = [];
    const { clock } = await launch([Tasks, Named], { interceptors: [OfModule] });
    await clock.advance('10s');
    expect(log).toEqual([
      'module pyncette injected admin Tasks',
      'class pyncette injected admin Tasks',
      'method pyncette injected admin Tasks',
      'handler',
      'method done',
      'class done',
      'module done',
    ]);
  });

  it('apply on a controller too', async () => {
    log = [];
    @Controller()
    @UseInterceptors(OfClass)
    class TaskController {
      @Task({ interval: '10s' })
      run(): void {
        log.push('handler');
      }
    }
    const { clock } = await launch([Named], { controllers: [TaskController] });
    await clock.advance('10s');
    expect(log).toEqual(['class pyncette injected nobody TaskController', 'handler', 'class done']);
  });

  it('may repeat, and may swallow: they decide', async () => {
    class Repeat implements NestInterceptor {
      intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
        return next.handle().pipe(
          retry(2),
          catchError(() => EMPTY),
        );
      }
    }
    let calls = 0;
    class Failing {
      @Task({ interval: '10s' })
      @UseInterceptors(new Repeat())
      run(): void {
        calls++;
        throw new Error('no');
      }
    }
    const { clock, of } = await launch([Failing]);
    await clock.advance('10s');
    expect([calls, of('task:succeeded').length, of('task:failed').length]).toEqual([3, 1, 0]);
  });

  it('carry an AsyncLocalStorage into the handler', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    class Cls implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
        const { task } = context.getArgByIndex<TaskContext>(0);
        return new Observable((observer) => {
          storage.run(task.canonicalName, () => void next.handle().subscribe(observer));
        });
      }
    }
    class Tasks2 {
      @Task({ interval: '10s' })
      @UseInterceptors(new Cls())
      async run(): Promise<void> {
        await Promise.resolve();
        seen.push(storage.getStore());
      }
    }
    const { clock } = await launch([Tasks2]);
    await clock.advance('10s');
    expect(seen).toEqual(['run']);
  });
});

describe('Filters', () => {
  @Catch()
  class Swallowing implements ExceptionFilter {
    catch(error: unknown, host: ArgumentsHost): string {
      const [context] = host.getArgs<[TaskContext]>();
      log.push(`filter ${host.getType<string>()} ${context.task.name} ${(error as Error).message}`);
      return 'a result';
    }
  }
  @Catch(BadRequestException)
  class Throwing implements ExceptionFilter {
    catch(): never {
      throw new Error('the filter is broken');
    }
  }

  it('observe once, after the outermost interceptor; the execution has failed whatever they do', async () => {
    log = [];
    @UseFilters(Swallowing)
    class Tasks {
      @Task({ interval: '10s' })
      plain(): void {
        throw new Error('no');
      }
      @Task({ interval: '10s' })
      @UseFilters(new Throwing())
      broken(): void {
        throw new BadRequestException('bad');
      }
      @Task({ interval: '10s' })
      good(): void {}
    }
    class Passing implements NestInterceptor {
      intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
        return next.handle().pipe(
          catchError((error: Error) => {
            log.push(`interceptor ${error.message}`);
            throw error;
          }),
        );
      }
    }
    const { clock, of, logged } = await launch([Tasks], { interceptors: [Passing] });
    await clock.advance('10s');
    expect(log.filter((line) => line.includes('no'))).toEqual(['interceptor no', 'filter pyncette plain no']);
    expect(
      of('task:failed')
        .map(({ task }) => task)
        .sort(),
    ).toEqual(['broken', 'plain']);
    expect(of('task:succeeded').map(({ task }) => task)).toEqual(['good']);
    expect(logged.some((line) => line.includes('An exception filter failed'))).toBe(true);
  });
});

describe('Parameters', () => {
  it('are taken apart, piped and validated', async () => {
    const seen: unknown[] = [];
    class Tasks {
      @DynamicTask()
      @UsePipes(new ValidationPipe({ transform: true }))
      async hello(
        @TaskArgs() args: HelloDto,
        @TaskArgs('name', Shout) name: string,
        @FixtureValue('db') db: string,
        @TaskCtx() context: TaskContext,
        @InstanceName() upper: string,
      ): Promise<void> {
        seen.push([args instanceof HelloDto, args.email, name, db, context.task.name, upper]);
      }

      @DynamicTask()
      async count(@TaskArgs('n', ParseIntPipe) n: number): Promise<void> {
        seen.push(n);
      }

      @Fixture('db')
      async *db(): AsyncGenerator<string> {
        yield 'a database';
      }
    }
    const { pyncette, clock, of } = await launch([Tasks]);
    const args = { email: 'ada@example.com', name: 'Ada' };
    await pyncette.scheduleTask('hello', 'good', { executeIn: '1s', args });
    await pyncette.scheduleTask('hello', 'bad', { executeIn: '2s', args: { email: 'nobody' } });
    await pyncette.scheduleTask('count', 'good', { executeIn: '3s', args: { n: '7' } });
    await clock.advance('5s');
    expect(seen).toEqual([[true, 'ada@example.com', 'Ada!', 'a database', 'hello', 'GOOD'], 7]);
    expect(of('task:failed')).toMatchObject([{ task: 'hello', instanceName: 'bad' }]);
  });
});

describe('What is global in the application', () => {
  class HttpMinded implements NestInterceptor {
    intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
      log.push(`global interceptor ${context.getType<string>()}`);
      return next.handle();
    }
  }
  class Closed implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      log.push(`guard ${context.getType<string>()}`);
      return false;
    }
  }
  class GlobalPipe implements PipeTransform {
    transform(value: unknown): unknown {
      log.push('global pipe');
      return value;
    }
  }
  @Catch()
  class GlobalFilter implements ExceptionFilter {
    catch(): void {
      log.push('global filter');
    }
  }
  const globals = [
    { provide: APP_INTERCEPTOR, useClass: HttpMinded },
    { provide: APP_GUARD, useClass: Closed },
    { provide: APP_PIPE, useClass: GlobalPipe },
    { provide: APP_FILTER, useClass: GlobalFilter },
  ];
  class Tasks {
    @Task({ interval: '10s', args: { n: 1 } })
    run(@TaskArgs('n') n: number): void {
      log.push(`ran ${n}`);
      throw new Error('always');
    }
  }

  it('touches no execution by default', async () => {
    log = [];
    const { clock } = await launch([Tasks, ...globals]);
    await clock.advance('10s');
    expect(log).toEqual(['ran 1']);
  });

  it('applies with globalEnhancers, all but guards', async () => {
    log = [];
    const { clock, of } = await launch([Tasks, ...globals], { globalEnhancers: true });
    await clock.advance('10s');
    expect(log).toEqual(['global interceptor pyncette', 'global pipe', 'ran 1', 'global filter']);
    expect(of('task:failed')).toHaveLength(1);
  });

  it('applies with guards too when both are asked for: a guard that refuses is a failure', async () => {
    log = [];
    const { clock, of } = await launch([Tasks, ...globals], { globalEnhancers: true, guards: true });
    await clock.advance('10s');
    expect(log).toEqual(['guard pyncette', 'global filter']);
    expect(of('task:failed')[0]?.error).toMatchObject({ message: 'Forbidden resource' });
  });

  it('guards of a task run only when asked for, and are warned about otherwise', async () => {
    log = [];
    class Guarded {
      @Task({ interval: '10s' })
      @UseGuards(Closed)
      run(): void {
        log.push('ran');
      }
    }
    const without = await launch([Guarded]);
    await without.clock.advance('10s');
    expect(log).toEqual(['ran']);
    expect(without.logged.filter((line) => line.includes('@UseGuards'))).toHaveLength(1);
    const asked = await launch([Guarded], { guards: true });
    await asked.clock.advance('10s');
    expect(log).toEqual(['ran', 'guard pyncette']);
    expect(asked.logged.filter((line) => line.includes('@UseGuards'))).toEqual([]);
  });
});

describe('Scopes', () => {
  it('a request-scoped interceptor of a task is made for each execution', async () => {
    let made = 0;
    @Injectable({ scope: Scope.REQUEST })
    class PerExecution implements NestInterceptor {
      readonly number = ++made;
      intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
        log.push(`interceptor ${this.number}`);
        return next.handle();
      }
    }
    @Injectable()
    @UseInterceptors(PerExecution)
    class Tasks {
      @Task({ interval: '10s' })
      run(): void {
        log.push('ran');
      }
    }
    log = [];
    const { clock } = await launch([Tasks]);
    await clock.advance('20s');
    expect(log).toEqual(['interceptor 1', 'ran', 'interceptor 2', 'ran']);
  });

  it('request-scoped enhancers of the application and of the module are made for each execution', async () => {
    class Scoped {
      constructor(private readonly context: TaskContext) {}
      protected says(what: string): void {
        log.push(`${what} of ${this.context.task.name} at ${this.context.scheduledAt.second}`);
      }
    }
    Inject(REQUEST)(Scoped, undefined, 0);
    Reflect.defineMetadata('design:paramtypes', [Object], Scoped);
    const intercepting = (what: string) => {
      @Injectable({ scope: Scope.REQUEST })
      class Intercepting extends Scoped implements NestInterceptor {
        intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
          this.says(what);
          return next.handle();
        }
      }
      return Intercepting;
    };
    @Injectable({ scope: Scope.REQUEST })
    class Guard extends Scoped implements CanActivate {
      canActivate(): boolean {
        this.says('guard');
        return true;
      }
    }
    @Injectable({ scope: Scope.REQUEST })
    class Filter extends Scoped implements ExceptionFilter {
      catch(): void {
        this.says('filter');
      }
    }
    Catch()(Filter);
    class Tasks {
      @Task({ interval: '10s', failureMode: FailureMode.COMMIT })
      run(): void {
        log.push('ran');
        throw new Error('always');
      }
    }
    log = [];
    const [Provided, Created] = [intercepting('provided'), intercepting('created')];
    const globals = [
      { provide: APP_INTERCEPTOR, useClass: intercepting('global') },
      { provide: APP_GUARD, useClass: Guard },
      { provide: APP_FILTER, useClass: Filter },
    ];
    const { clock } = await launch([Tasks, Provided, ...globals], {
      globalEnhancers: true,
      guards: true,
      interceptors: [Provided, Created],
    });
    await clock.advance('20s');
    const once = (second: number): string[] => [
      ...['guard', 'provided', 'created', 'global'].map((what) => `${what} of run at ${second}`),
      'ran',
      `filter of run at ${second}`,
    ];
    expect(log).toEqual([...once(10), ...once(20)]);
  });

  it('a transient provider is made for each execution', async () => {
    const numbers: number[] = [];
    let made = 0;
    @Injectable({ scope: Scope.TRANSIENT })
    class Tasks {
      readonly number = ++made;
      @Task({ interval: '10s' })
      run(): void {
        numbers.push(this.number);
      }
    }
    const { clock } = await launch([Tasks]);
    await clock.advance('30s');
    expect(new Set(numbers).size).toBe(3);
  });
});
