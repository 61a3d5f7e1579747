import { Injectable } from '@nestjs/common';
import { DynamicTask, Task, type TaskContext } from 'nestjs-pyncette';
import { PyncettePrometheusModule, type PyncettePrometheusOptions } from 'nestjs-pyncette/prometheus';
import { Registry, register } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PyncetteRuntime } from '../../lib/nest/pyncette.runtime.js';
import { refusal } from '../e2e/launch.js';
import { SpiedRepository } from '../engine/spied-repository.js';
import { Scrape } from './scrape.js';
import { type ServeOptions, type Served, serve } from './serve.js';

@Injectable()
class Tasks {
  @Task({ interval: '10s' })
  async tick(): Promise<void> {}

  @DynamicTask({ retry: { maxAttempts: 1, delay: '1s', exhausted: 'park' } })
  async mail(context: TaskContext<{ fail?: boolean; sleepMs?: number }>): Promise<void> {
    if (context.args.fail) throw new TypeError('no address');
    await clockOf(context).sleep(context.args.sleepMs ?? 0);
  }

  @DynamicTask({ timeout: '5s', retry: { maxAttempts: 1, delay: '1s' } })
  async slow(context: TaskContext): Promise<void> {
    await clockOf(context).sleep('10s');
  }

  @DynamicTask()
  async forgetful(context: TaskContext<{ beats?: boolean }>): Promise<void> {
    const { name, instanceName } = context.task;
    await context.app.scheduleTask(name, String(instanceName), { interval: '5h', force: true });
    if (context.args.beats) await context.heartbeat();
  }
}

const clockOf = (context: TaskContext<object>): Served['clock'] => context.get('clock');

async function serveMetrics(
  prometheus: PyncettePrometheusOptions = {},
  options: ServeOptions = {},
): Promise<Served & { scrape(): Promise<Scrape>; registry: Registry }> {
  const registry = new Registry();
  const module = PyncettePrometheusModule.forRoot({ registry, path: '/metrics', ...prometheus });
  const served = await serve([Tasks], { imports: [module], ...options });
  served.pyncette.addToContext('clock', served.clock);
  const scrape = async (): Promise<Scrape> => new Scrape(await (await served.get('/metrics')).text());
  return { ...served, scrape, registry };
}

describe('PyncettePrometheusModule', () => {
  it('counts and times executions by task and outcome', async () => {
    const { pyncette, clock, scrape, get } = await serveMetrics();
    await pyncette.scheduleTask('mail', 'good', {
      executeAt: new Date(clock.now()),
      args: { sleepMs: 2_000 },
    });
    await pyncette.scheduleTask('mail', 'bad', { executeAt: new Date(clock.now()), args: { fail: true } });
    await clock.advance('1s');
    expect((await scrape()).value('pyncette_executions_in_progress', { task: 'mail' })).toBe(1);
    await clock.advance('40s');
    const metrics = await scrape();
    const mail = (outcome: string) => ({ task: 'mail', outcome });
    expect(metrics.value('pyncette_executions_total', mail('succeeded'))).toBe(1);
    expect(metrics.value('pyncette_executions_total', mail('failed'))).toBe(1);
    expect(metrics.value('pyncette_executions_total', { task: 'tick', outcome: 'succeeded' })).toBe(4);
    expect(metrics.sum('pyncette_execution_duration_seconds', mail('succeeded'))).toBe(2);
    expect(metrics.count('pyncette_execution_lateness_seconds', { task: 'mail' })).toBe(2);
    expect(metrics.value('pyncette_executions_in_progress', { task: 'mail' })).toBe(0);
    expect(metrics.value('pyncette_healthy')).toBe(1);
    expect((await get('/metrics')).headers.get('content-type')).toBe(
      'text/plain; version=0.0.4; charset=utf-8',
    );
  });

  it('says what ended the executions that failed, and how late they started', async () => {
    const { pyncette, clock, scrape } = await serveMetrics({}, { concurrencyLimit: 1 });
    await pyncette.scheduleTask('slow', 'a', { executeAt: new Date(clock.now()) });
    await clock.advance('1s');
    await pyncette.scheduleTask('mail', 'late', { executeAt: new Date(clock.now()), args: { fail: true } });
    await pyncette.scheduleTask('forgetful', 'a', {
      executeAt: new Date(clock.now()),
      args: { beats: true },
    });
    await clock.advance('9s');
    const metrics = await scrape();
    const failures = (task: string, reason: string) =>
      metrics.value('pyncette_execution_failures_total', { task, reason });
    expect(failures('slow', 'timeout')).toBe(1);
    expect(failures('slow', 'error')).toBe(0);
    expect(failures('mail', 'error')).toBe(1);
    expect(failures('forgetful', 'lease_lost')).toBe(1);
    expect(metrics.sum('pyncette_execution_lateness_seconds', { task: 'mail' })).toBe(4);
  });

  it('counts lost leases and dropped occurrences', async () => {
    const { pyncette, clock, scrape } = await serveMetrics();
    await pyncette.scheduleTask('forgetful', 'a', { executeAt: new Date(clock.now()) });
    await clock.advance('1s');
    await clock.jump('10m');
    await clock.advance('1s');
    const metrics = await scrape();
    const lost = { task: 'forgetful', during: 'settlement' };
    expect(metrics.value('pyncette_leases_lost_total', lost)).toBe(1);
    expect(metrics.value('pyncette_missed_occurrences_total', { task: 'tick' })).toBe(59);
    expect(metrics.value('pyncette_missed_occurrences_total', { task: 'forgetful' })).toBe(0);
  });

  it('counts parked instances, and asks the store only now and then', async () => {
    const spied = new SpiedRepository();
    const { pyncette, clock, scrape } = await serveMetrics({}, { repository: spied.repository });
    for (const name of ['a', 'b'])
      await pyncette.scheduleTask('mail', name, { executeAt: new Date(clock.now()), args: { fail: true } });
    await clock.advance('1s');
    const asked = spied.count('count');
    expect((await scrape()).value('pyncette_parked_instances', { task: 'mail' })).toBe(2);
    expect(spied.count('count') - asked).toBe(pyncette.tasks.length);
    await pyncette.resumeTask('mail', 'a');
    await Promise.all([scrape(), scrape()]);
    expect((await scrape()).value('pyncette_parked_instances', { task: 'mail' })).toBe(2);
    expect(spied.count('count') - asked).toBe(pyncette.tasks.length);
  });

  it('counts them anew when the interval has passed', async () => {
    const { pyncette, clock, scrape } = await serveMetrics({ parkedInterval: 0.001 });
    await pyncette.scheduleTask('mail', 'a', { executeAt: new Date(clock.now()), args: { fail: true } });
    await clock.advance('1s');
    expect((await scrape()).value('pyncette_parked_instances', { task: 'mail' })).toBe(1);
    await pyncette.unscheduleTask('mail', 'a');
    expect((await scrape()).value('pyncette_parked_instances', { task: 'mail' })).toBe(0);
  });

  it('times polls and calls of the store, and answers while the store is away', async () => {
    const spied = new SpiedRepository();
    const { clock, scrape } = await serveMetrics({ parkedInterval: 1 }, { repository: spied.repository });
    await clock.advance('10s');
    const before = await scrape();
    const operations = 'pyncette_repository_operation_duration_seconds';
    expect(before.value('pyncette_ticks_total', { result: 'finished' })).toBeGreaterThan(1);
    expect(before.count('pyncette_tick_duration_seconds')).toBeGreaterThan(1);
    expect(before.count(operations, { operation: 'claim', result: 'succeeded' })).toBeGreaterThan(1);
    expect(before.count(operations, { operation: 'settle', result: 'succeeded' })).toBe(1);
    spied.failing = 'all';
    await clock.advance('10s');
    const during = await scrape();
    expect(during.value('pyncette_ticks_total', { result: 'failed' })).toBeGreaterThan(0);
    expect(during.count(operations, { operation: 'claim', result: 'failed' })).toBeGreaterThan(0);
    expect(during.value('pyncette_healthy')).toBe(0);
    spied.failing = [];
    await clock.advance('10s');
    expect((await scrape()).value('pyncette_healthy')).toBe(1);
  });

  it('has counters at zero from the start, and labels that no instance can fill', async () => {
    const { scrape, pyncette, clock } = await serveMetrics();
    const zero = { task: 'slow', outcome: 'failed' };
    expect((await scrape()).value('pyncette_executions_total', zero)).toBe(0);
    await pyncette.scheduleTask('mail', 'somebody@example.com', { executeAt: new Date(clock.now()) });
    await clock.advance('1s');
    const metrics = await scrape();
    expect(metrics.text).not.toContain('somebody');
    const labels = ['task', 'outcome', 'reason', 'during', 'result', 'operation', 'le'];
    expect([...metrics.labelNames].filter((label) => !labels.includes(label))).toEqual([]);
  });
});

describe('Two applications in one process', () => {
  it('have a registry each, and leave nothing behind', async () => {
    const one = await serveMetrics();
    const other = await serveMetrics({ prefix: 'other_' });
    await one.clock.advance('10s');
    const tick = { task: 'tick', outcome: 'succeeded' };
    expect((await one.scrape()).value('pyncette_executions_total', tick)).toBe(1);
    expect((await other.scrape()).value('other_executions_total', tick)).toBe(0);
    const { events } = one.app.get(PyncetteRuntime, { strict: false }).scheduler;
    expect(events.areOperationsTimed).toBe(true);
    await one.close();
    expect(events.areOperationsTimed).toBe(false);
    expect(one.registry.getMetricsAsArray()).toEqual([]);
    expect(other.registry.getMetricsAsArray().length).toBeGreaterThan(5);
  });

  it('are refused one registry, with the way out', async () => {
    const { registry } = await serveMetrics();
    const before = registry.getMetricsAsArray().length;
    const error = await refusal([Tasks], {}, [PyncettePrometheusModule.forRoot({ registry })]);
    expect(error.message).toMatch(/pyncette_executions_total already.*registry of its own/);
    expect(registry.getMetricsAsArray()).toHaveLength(before);
  });

  it('may follow each other on the global registry, after a start that failed too', async () => {
    onTestFinished(() => register.clear());
    const broken = { onModuleInit: () => Promise.reject(new Error('on purpose')) };
    const failing = [Tasks, { provide: 'broken', useValue: broken }];
    const module = PyncettePrometheusModule.forRoot();
    expect((await refusal(failing, {}, [module])).message).toBe('on purpose');
    const { close } = await serve([Tasks], { imports: [module] });
    expect(register.getSingleMetric('pyncette_ticks_total')).toBeDefined();
    await close();
    expect(register.getMetricsAsArray()).toEqual([]);
  });
});

describe('Options of PyncettePrometheusModule', () => {
  it('are checked together', async () => {
    const options = { prefixx: 'a', prefix: '1-2', buckets: { lateness: [2, 1], stores: [] }, path: '' };
    const error = await refusal([Tasks], {}, [PyncettePrometheusModule.forRoot({ ...options })]);
    expect(error.message).toContain("there is no option 'prefixx' (did you mean 'prefix'?)");
    expect(error.message).toContain("prefix is '1-2'");
    expect(error.message).toContain('buckets: lateness is a list');
    expect(error.message).toContain("there is no option 'stores' (did you mean 'store'?)");
    expect(error.message).toContain("path is ''");
  });

  it('without a path expose nothing', async () => {
    const registry = new Registry();
    const { get } = await serve([Tasks], { imports: [PyncettePrometheusModule.forRoot({ registry })] });
    expect((await get('/metrics')).status).toBe(404);
    expect(new Scrape(await registry.metrics()).value('pyncette_healthy')).not.toBeNull();
  });
});
