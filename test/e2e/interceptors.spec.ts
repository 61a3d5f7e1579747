import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  Module,
  type NestInterceptor,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { PyncetteModule, PyncetteService, Task, type TaskContext } from 'nestjs-pyncette';
import { TestClock } from 'nestjs-pyncette/testing';
import { EMPTY, type Observable, catchError, retry, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';

@Injectable()
class Prefix {
  readonly text = 'outer';
}

@Injectable()
class Outer implements NestInterceptor {
  static readonly log: string[] = [];

  constructor(private readonly prefix: Prefix) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const [execution] = context.getArgs<[TaskContext]>();
    Outer.log.push(
      `${this.prefix.text} ${context.getType<string>()} ${context.getClass().name} ${context.getHandler().name}`,
    );
    return next.handle().pipe(tap({ complete: () => Outer.log.push(`done ${execution.task.name}`) }));
  }
}

class Retry implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      retry(1),
      catchError((error: Error) => {
        if (error.message === 'swallow') return EMPTY;
        throw error;
      }),
    );
  }
}

@Injectable()
class Tasks {
  calls = 0;

  @Task({ interval: '2s' })
  flaky(): void {
    if (++this.calls === 1) throw new Error('once');
  }

  @Task({ interval: '3s' })
  async swallowed(): Promise<void> {
    throw new Error('swallow');
  }

  @Task({ interval: '5s' })
  rejects(): Promise<void> {
    return Promise.reject(undefined);
  }
}

const clock = new TestClock();

@Module({
  imports: [PyncetteModule.forRoot({ clock, interceptors: [Outer, new Retry()] })],
  providers: [Tasks, Prefix],
})
class AppModule {}

describe('Interceptors of the module', () => {
  it('wrap every execution in order, may run it again, and decide', async () => {
    const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
    await app.init();
    const ended: string[] = [];
    app.get(PyncetteService).events$.subscribe((event) => {
      if (event.type === 'task:succeeded' || event.type === 'task:failed')
        ended.push(`${event.type} ${event.task}`);
    });
    await clock.advance('5s');
    expect(ended.sort()).toEqual([
      'task:failed rejects',
      'task:succeeded flaky',
      'task:succeeded flaky',
      'task:succeeded swallowed',
    ]);
    expect(app.get(Tasks).calls).toBe(3);
    expect(Outer.log.slice(0, 2)).toEqual(['outer pyncette Tasks flaky', 'done flaky']);
    await app.close();
  });
});
