import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  DynamicTask,
  PYNCETTE_CLOCK,
  PYNCETTE_REPOSITORY,
  PyncetteModule,
  PyncetteService,
  Task,
  type TaskContext,
  memoryRepository,
} from 'nestjs-pyncette';
import { TestClock, expectScheduled } from 'nestjs-pyncette/testing';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { describe, expect, it } from 'vitest';
import { launch } from '../e2e/launch.js';

class Tasks {
  @DynamicTask({ args: { kind: 'mail' } })
  async hello(_context: TaskContext<{ username: string }>): Promise<void> {}

  @Task({ schedule: '@daily', timezone: 'Europe/Dublin' })
  daily(): void {}
}

describe('expectScheduled', () => {
  it('says what is scheduled, and resolves to it', async () => {
    const { pyncette, clock } = await launch([Tasks]);
    await clock.advance(0);
    await pyncette.scheduleTask('hello', 'bill', { schedule: '0 8 * * *', args: { username: 'bill' } });
    await pyncette.scheduleTask('hello', 'steve', { interval: '1h', args: { username: 'steve' } });
    const bill = await expectScheduled(pyncette, Tasks.prototype.hello, 'bill')
      .at('2026-01-01T08:00:00')
      .withCron('0 8 * * *', 'UTC')
      .withArgs({ kind: 'mail', username: 'bill' })
      .inState('scheduled');
    expect(bill.instanceName).toBe('bill');
    await expectScheduled(pyncette, [Tasks, 'hello'], 'steve')
      .every('1h')
      .at(new Date('2026-01-01T01:00:00Z'));
    await expectScheduled(pyncette, 'daily').withCron('@daily');
  });

  it('says what is wrong', async () => {
    const { pyncette } = await launch([Tasks]);
    await pyncette.scheduleTask('hello', 'bill', { interval: '1h', args: { username: 'bill' } });
    const at = expectScheduled(pyncette, 'hello', 'bill').at('2026-01-02');
    await expect(at).rejects.toThrow(
      'hello:bill: expected scheduledAt "2026-01-02T00:00:00.000Z", found "2026-01-01T01:00:00.000Z"',
    );
    await expect(expectScheduled(pyncette, 'hello', 'bill').withArgs({})).rejects.toThrow(
      /expected args \{\}/,
    );
    await expect(expectScheduled(pyncette, 'hello', 'bill').withCron('@daily')).rejects.toThrow(
      /expected schedule/,
    );
    await expect(expectScheduled(pyncette, Tasks.prototype.hello, 'nobody')).rejects.toThrow(
      'hello:nobody is not scheduled',
    );
  });

  it('works before init(), in an application that is only compiled', async () => {
    const app = await Test.createTestingModule({
      imports: [PyncetteModule.forRoot()],
      providers: [Tasks],
    }).compile();
    const pyncette = app.get(PyncetteService);
    await pyncette.scheduleTask('hello', 'bill', { executeIn: '1h', args: { username: 'bill' } });
    await expectScheduled(pyncette, 'hello', 'bill').inState('scheduled');
    await app.close();
  });

  it('works with memory and a test clock in the place of what the application has', async () => {
    const clock = new TestClock();
    @Module({
      imports: [
        PyncetteModule.forRoot({
          batchSize: 7,
          repository: typeOrmRepository({ type: 'postgres', host: '127.0.0.1', port: 1 }),
        }),
      ],
      providers: [Tasks],
    })
    class AppModule {}
    const app = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(PYNCETTE_REPOSITORY)
      .useValue(memoryRepository())
      .overrideProvider(PYNCETTE_CLOCK)
      .useValue(clock)
      .compile();
    await app.init();
    const pyncette = app.get(PyncetteService);
    await pyncette.scheduleTask('hello', 'bill', { interval: '10s', args: { username: 'bill' } });
    await clock.advance('10s');
    await expectScheduled(pyncette, 'hello', 'bill').at('2026-01-01T00:00:20Z');
    await app.close();
  });
});
