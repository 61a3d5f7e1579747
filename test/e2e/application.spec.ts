import { Injectable, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { DynamicTask, Fixture, PyncetteModule, PyncetteService, Task, TaskContext } from 'nestjs-pyncette';
import { TestClock } from 'nestjs-pyncette/testing';
import { describe, expect, it } from 'vitest';

const log: string[] = [];

@Injectable()
class Tasks implements OnApplicationBootstrap, OnModuleDestroy {
  static readonly clock = new TestClock('2026-01-01T00:00:00Z');

  @Task({ interval: '2s' })
  async tick(context: TaskContext): Promise<void> {
    log.push(`tick ${context.scheduledAt.toFormat('ss')}`);
  }

  @DynamicTask({ args: { greeting: 'hello' } })
  async greet(context: TaskContext<{ name: string; greeting?: string }>): Promise<void> {
    log.push(`${context.args.greeting} ${context.args.name} ${context.task.canonicalName}`);
    await Tasks.clock.sleep('5s');
    log.push('greeted');
  }

  @Fixture('book')
  async *book(): AsyncGenerator<string> {
    log.push('book opened');
    yield 'book';
    log.push('book closed');
  }

  onApplicationBootstrap(): void {
    log.push('bootstrapped');
  }

  onModuleDestroy(): void {
    log.push('destroyed');
  }
}

@Module({ imports: [PyncetteModule.forRoot({ clock: Tasks.clock })], providers: [Tasks] })
class AppModule {}

describe('A Nest application', () => {
  it('starts last, executes, drains first', async () => {
    const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
    await app.init();
    const pyncette = app.get(PyncetteService);
    await pyncette.scheduleTask(Tasks.prototype.greet, 'bill', { executeIn: '3s', args: { name: 'bill' } });
    await Tasks.clock.advance('4s');
    expect(pyncette.inFlight).toBe(1);
    const closing = app.close();
    await Tasks.clock.advance('10s');
    await closing;
    expect(log).toEqual([
      'bootstrapped',
      'book opened',
      'tick 02',
      'hello bill greet:bill',
      'tick 04',
      'greeted',
      'book closed',
      'destroyed',
    ]);
  });

  it('says everything that is wrong at once', async () => {
    class Wrong {
      @Task({})
      none(): void {}

      @Task({ schedule: '* * * *' })
      four(): void {}

      @DynamicTask({ leaseDuration: 0, shedule: '@daily' } as object)
      misspelt(): void {}
    }
    const testing = Test.createTestingModule({
      imports: [PyncetteModule.forRoot({ batchSize: 0 })],
      providers: [Wrong],
    });
    const app = await testing.compile();
    const failure = await app.init().then(
      () => '',
      (error: Error) => error.message,
    );
    for (const part of ['none', '4 fields', "did you mean 'schedule'", 'leaseDuration', 'batchSize'])
      expect(failure).toContain(part);
  });

  it('knows what was meant', async () => {
    const app = await Test.createTestingModule({
      imports: [PyncetteModule.forRoot({ autoStart: false })],
      providers: [Tasks],
    }).compile();
    await expect(app.get(PyncetteService).getTask('greeet')).rejects.toThrow("did you mean 'greet'");
    await app.close();
  });
});
