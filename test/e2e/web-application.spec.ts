import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Global,
  Injectable,
  Module,
  type NestInterceptor,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  ParseIntPipe,
  type PipeTransform,
  Query,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { PyncetteModule, PyncetteService, Task } from 'nestjs-pyncette';
import { TestClock } from 'nestjs-pyncette/testing';
import type { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { LogBook } from './launch.js';

let log: string[] = [];

/** As a throttler or an authentication does it: by what the request carries. */
class HttpGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return headers['authorization'] === 'secret';
  }
}

class HttpInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    context
      .switchToHttp()
      .getResponse<{ setHeader(name: string, value: string): void }>()
      .setHeader('x-seen', 'yes');
    return next.handle();
  }
}

class GlobalPipe implements PipeTransform {
  transform(value: unknown): unknown {
    log.push('pipe');
    return value;
  }
}

@Controller()
class Web {
  runs = 0;

  @Get()
  hello(@Query('n', ParseIntPipe) n: number): { n: number } {
    return { n };
  }

  @Task({ interval: '10s' })
  tick(): void {
    this.runs++;
  }
}

/** Writes down its hooks. */
abstract class Hooked implements OnApplicationBootstrap, OnModuleDestroy {
  onApplicationBootstrap(): void {
    log.push(`${this.constructor.name} up`);
  }
  onModuleDestroy(): void {
    log.push(`${this.constructor.name} down`);
  }
}

@Injectable()
class GlobalService extends Hooked {}

@Global()
@Module({ providers: [GlobalService], exports: [GlobalService] })
class GlobalModule extends Hooked {}

describe('A web application with its own guard, interceptor and pipe for everything', () => {
  it('is not changed by the module, nor are tasks by what is global there', async () => {
    log = [];
    const clock = new TestClock();
    const app = (
      await Test.createTestingModule({
        imports: [PyncetteModule.forRoot({ clock })],
        controllers: [Web],
        providers: [
          { provide: APP_GUARD, useClass: HttpGuard },
          { provide: APP_INTERCEPTOR, useClass: HttpInterceptor },
        ],
      })
        .setLogger(new LogBook())
        .compile()
    ).createNestApplication();
    app.useGlobalPipes(new GlobalPipe());
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const headers = { authorization: 'secret' };
    const answer = await fetch(`${url}/?n=7`, { headers });
    expect([answer.status, answer.headers.get('x-seen'), await answer.json()]).toEqual([
      200,
      'yes',
      { n: 7 },
    ]);
    expect((await fetch(`${url}/?n=7`)).status).toBe(403);
    expect((await fetch(`${url}/?n=x`, { headers })).status).toBe(400);
    const before = log.length;
    expect(before).toBeGreaterThan(0);
    await clock.advance('30s');
    expect(app.get(Web).runs).toBe(3);
    expect(log).toHaveLength(before);
    await app.close();
  });
});

describe('An application with global modules', () => {
  it('starts the loop after all of them are up, and drains before any of them goes down', async () => {
    log = [];
    const clock = new TestClock();
    @Injectable()
    class Work {
      @Task({ interval: '1s' })
      async work(): Promise<void> {
        log.push('work begins');
        await clock.sleep('5s');
        log.push('work ends');
      }
    }
    @Module({ imports: [GlobalModule, PyncetteModule.forRoot({ clock })], providers: [Work] })
    class Root extends Hooked {}
    const app = await Test.createTestingModule({ imports: [Root] })
      .setLogger(new LogBook())
      .compile();
    await app.init();
    expect(app.get(PyncetteService).lastTick).toBeNull();
    expect([...log].sort()).toEqual(['GlobalModule up', 'GlobalService up', 'Root up']);
    await clock.advance('2s');
    const closing = app.close();
    await clock.advance('10s');
    await closing;
    const rest = log.slice(3);
    expect(rest.slice(0, 2)).toEqual(['work begins', 'work ends']);
    expect(rest.slice(2).sort()).toEqual(['GlobalModule down', 'GlobalService down', 'Root down']);
  });
});
