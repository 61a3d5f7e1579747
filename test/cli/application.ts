import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { DynamicTask, PyncetteModule, PyncetteService, Task, TaskContext } from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import type { DataSourceOptions } from 'typeorm';
import { LogBook } from '../e2e/launch.js';

/** What was run, in order: `remind:ada {"username":"ada"}`. */
export const ran: string[] = [];

@Injectable()
class Tasks {
  @Task({ schedule: '0 12 * * *', timezone: 'Europe/Dublin' })
  async daily(): Promise<void> {
    ran.push('daily');
  }

  @DynamicTask({ retry: { maxAttempts: 1, delay: '1h', exhausted: 'park' } })
  async remind({ task, args }: TaskContext<{ username?: string; fails?: string }>): Promise<void> {
    if (args.fails !== undefined) throw new RangeError(args.fails);
    ran.push(`${task.canonicalName} ${JSON.stringify(args)}`);
  }
}

/** An application as users write them, on its own schedule in a database: a static task, and a template with five instances. */
export async function startApplication(options: DataSourceOptions): Promise<TestingModule> {
  ran.length = 0;
  const app = await Test.createTestingModule({
    imports: [PyncetteModule.forRoot({ repository: typeOrmRepository(options), pollInterval: 100 })],
    providers: [Tasks],
  })
    .setLogger(new LogBook())
    .compile();
  await app.init();
  const pyncette = app.get(PyncetteService);
  const parked = new Promise<void>((resolve) => {
    let count = 0;
    pyncette.events$.subscribe(({ type }) => {
      if (type === 'task:parked' && ++count === 2) resolve();
    });
  });
  await pyncette.scheduleTasks('remind', [
    { instanceName: 'ada', schedule: '30 9 1 1 *', timezone: 'Asia/Tokyo', args: { username: 'ada' } },
    { instanceName: 'bill', interval: '36h', args: { username: 'bill' } },
    { instanceName: 'new-year', executeAt: '2199-12-31T23:00:00Z', args: {} },
    { instanceName: 'broken-1', executeIn: 0, args: { fails: 'no such user\nsecond line' } },
    { instanceName: 'broken-2', executeIn: 0, args: { fails: 'red \u001B[31m text' } },
  ]);
  await parked;
  await pyncette.pauseTask('remind', 'bill');
  return app;
}
