import { Controller, Get, Inject, Injectable, type Type } from '@nestjs/common';
import { type HealthCheckResult, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { DynamicTask, PyncetteInstrumentation, type TaskContext } from 'nestjs-pyncette';
import { PyncetteHealthIndicator, type PyncetteHealthOptions } from 'nestjs-pyncette/terminus';
import type { TestClock } from 'nestjs-pyncette/testing';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDatabase, isAvailable } from '../databases/databases.js';
import { SpiedRepository } from '../engine/spied-repository.js';
import { type ServeOptions, type Served, serve } from './serve.js';
import { wayTo } from './way-to.js';

@Injectable()
class Tasks {
  @DynamicTask()
  async work(context: TaskContext<{ sleep: string }>): Promise<void> {
    await context.get<TestClock>('clock').sleep(context.args.sleep);
  }
}

function healthController(options: PyncetteHealthOptions): Type {
  @Controller('health')
  class HealthController {
    constructor(
      @Inject(HealthCheckService) private readonly health: HealthCheckService,
      @Inject(PyncetteHealthIndicator) private readonly scheduler: PyncetteHealthIndicator,
    ) {}

    /** The process answers. */
    @Get('live')
    live(): Promise<HealthCheckResult> {
      return this.health.check([]);
    }

    @Get('ready')
    ready(): Promise<HealthCheckResult> {
      return this.health.check([() => this.scheduler.isHealthy('scheduler', options)]);
    }
  }
  return HealthController;
}

async function serveHealth(options: PyncetteHealthOptions = {}, module: ServeOptions = {}) {
  const served = await serve([Tasks, PyncetteHealthIndicator], {
    imports: [TerminusModule.forRoot({ logger: false })],
    controllers: [healthController(options)],
    ...module,
  });
  served.pyncette.addToContext('clock', served.clock);
  return { ...served, ready: () => ready(served) };
}

async function ready({ get }: Served): Promise<{ status: number; scheduler: Record<string, unknown> }> {
  const answer = await get('/health/ready');
  const { details } = (await answer.json()) as HealthCheckResult;
  return { status: answer.status, scheduler: { ...details['scheduler'] } };
}

describe('PyncetteHealthIndicator', () => {
  it('is down while the store fails, and up again when it answers; the process lives all along', async () => {
    const spied = new SpiedRepository();
    const { clock, get, ready } = await serveHealth({}, { repository: spied.repository });
    await clock.advance('1s');
    expect(await ready()).toEqual({
      status: 200,
      scheduler: {
        status: 'up',
        lastPoll: '2026-01-01T00:00:01.000Z',
        inFlight: 0,
        repository: 'up',
        overdueMs: 0,
      },
    });
    spied.failing = 'all';
    const down = await ready();
    expect(down.status).toBe(503);
    expect(down.scheduler).toMatchObject({ status: 'down', repository: 'down' });
    expect(down.scheduler['message']).toBe('The repository does not answer');
    expect(JSON.stringify(down)).not.toContain('the database is down');
    expect((await get('/health/live')).status).toBe(200);
    spied.failing = [];
    await clock.advance('10s');
    expect((await ready()).status).toBe(200);
  });

  it('is down when polls fail, though the store answers', async () => {
    const spied = new SpiedRepository();
    const { clock, ready } = await serveHealth({}, { repository: spied.repository });
    spied.failing = ['claimDue'];
    await clock.advance('10s');
    const { status, scheduler } = await ready();
    expect(status).toBe(503);
    expect(scheduler).toMatchObject({
      repository: 'up',
      message: 'No poll has succeeded within two poll intervals',
    });
  });

  it('reports what is overdue, and is down only when it is too much', async () => {
    const { pyncette, clock, ready } = await serveHealth({ maxOverdue: '1m' }, { concurrencyLimit: 1 });
    const executeAt = new Date(clock.now());
    await pyncette.scheduleTask('work', 'long', { executeAt, args: { sleep: '50s' } });
    await clock.advance(0);
    await pyncette.scheduleTask('work', 'waits', { executeAt, args: { sleep: '1s' } });
    await clock.advance('30s');
    expect(await ready()).toMatchObject({
      status: 200,
      scheduler: { overdueMs: 30_000, overdueTask: 'work', inFlight: 1 },
    });
    await clock.advance('25s');
    expect((await ready()).scheduler['overdueMs']).toBe(0);
  });

  it('is down when an instance has waited for longer than maxOverdue', async () => {
    const { pyncette, clock, ready } = await serveHealth({ maxOverdue: '1m' }, { concurrencyLimit: 1 });
    const executeAt = new Date(clock.now());
    const leaseless = { executeAt, args: { sleep: '55s' } };
    await pyncette.scheduleTasks(
      'work',
      ['a', 'b', 'c'].map((instanceName) => ({ instanceName, ...leaseless })),
    );
    await clock.advance('61s');
    const { status, scheduler } = await ready();
    expect(status).toBe(503);
    expect(scheduler['message']).toBe('An instance is overdue by 61000 ms, more than 60000 ms');
    await clock.advance('60s');
    expect((await ready()).status).toBe(200);
  });

  it('asks a process that only schedules for no polls', async () => {
    expect((await (await serveHealth({}, { autoStart: false })).ready()).status).toBe(503);
    expect((await (await serveHealth({ polls: false }, { autoStart: false })).ready()).status).toBe(200);
  });

  it('does not wait for a store that hangs', async () => {
    const { app, ready } = await serveHealth({ timeout: 20 });
    const instrumentation = app.get(PyncetteInstrumentation);
    instrumentation.nextDue = () => new Promise(() => undefined);
    expect((await ready()).scheduler['repository']).toBe('down');
  });

  it('leaves out what this process does not poll', async () => {
    const { app, pyncette, clock } = await serveHealth();
    await pyncette.scheduleTask('work', 'a', { interval: '10s', args: { sleep: '1s' } });
    const instrumentation = app.get(PyncetteInstrumentation);
    expect(await instrumentation.nextDue()).toEqual({ task: 'work', instanceName: 'a', overdueMs: -10_000 });
    pyncette.setEnabled('work', false);
    await clock.advance('1m');
    expect(await instrumentation.nextDue()).toBeNull();
  });

  it('refuses options that there are none of', async () => {
    const { app } = await serveHealth();
    const options = { maxOverDue: '1m', timeout: -1 } as PyncetteHealthOptions;
    await expect(app.get(PyncetteHealthIndicator).isHealthy('scheduler', options)).rejects.toThrow(
      /maxOverDue' \(did you mean 'maxOverdue'\?\)[^]*timeout/,
    );
  });
});

describe('PyncetteHealthIndicator on PostgreSQL', () => {
  it.skipIf(!isAvailable('postgres'))('turns red when the database is gone, and green again', async () => {
    const database = await createDatabase('postgres');
    onTestFinished(() => database.drop());
    const way = await wayTo(database);
    const repository = typeOrmRepository(way.options);
    const { clock, get, ready } = await serveHealth({ timeout: '2s' }, { repository });
    await clock.advance('1s');
    expect((await ready()).status).toBe(200);
    await way.block();
    await clock.advance('5s');
    expect(await ready()).toMatchObject({ status: 503, scheduler: { repository: 'down' } });
    expect((await get('/health/live')).status).toBe(200);
    await way.open();
    await clock.advance('30s');
    expect(await ready()).toMatchObject({ status: 200, scheduler: { repository: 'up' } });
  });
});
