import { PyncettePrometheusModule } from 'nestjs-pyncette/prometheus';
import { Registry, register } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PyncetteRuntime } from '../../lib/nest/pyncette.runtime.js';
import { refusal } from '../e2e/launch.js';
import { MeasuredTasks, serveMetrics } from './measured-application.js';
import { Scrape } from './scrape.js';
import { serve } from './serve.js';

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
    const error = await refusal([MeasuredTasks], {}, [PyncettePrometheusModule.forRoot({ registry })]);
    expect(error.message).toMatch(/pyncette_executions_total already.*registry of its own/);
    expect(registry.getMetricsAsArray()).toHaveLength(before);
  });

  it('may follow each other on the global registry, after a start that failed too', async () => {
    onTestFinished(() => register.clear());
    const broken = { onModuleInit: () => Promise.reject(new Error('on purpose')) };
    const failing = [MeasuredTasks, { provide: 'broken', useValue: broken }];
    const module = PyncettePrometheusModule.forRoot();
    expect((await refusal(failing, {}, [module])).message).toBe('on purpose');
    const { close } = await serve([MeasuredTasks], { imports: [module] });
    expect(register.getSingleMetric('pyncette_ticks_total')).toBeDefined();
    await close();
    expect(register.getMetricsAsArray()).toEqual([]);
  });
});

describe('Options of PyncettePrometheusModule', () => {
  it('are checked together', async () => {
    const options = { prefixx: 'a', prefix: '1-2', buckets: { lateness: [2, 1], stores: [] }, path: '' };
    const error = await refusal([MeasuredTasks], {}, [PyncettePrometheusModule.forRoot({ ...options })]);
    expect(error.message).toContain("there is no option 'prefixx' (did you mean 'prefix'?)");
    expect(error.message).toContain("prefix is '1-2'");
    expect(error.message).toContain('buckets: lateness is a list');
    expect(error.message).toContain("there is no option 'stores' (did you mean 'store'?)");
    expect(error.message).toContain("path is ''");
  });

  it('without a path expose nothing', async () => {
    const registry = new Registry();
    const { get } = await serve([MeasuredTasks], {
      imports: [PyncettePrometheusModule.forRoot({ registry })],
    });
    expect((await get('/metrics')).status).toBe(404);
    expect(new Scrape(await registry.metrics()).value('pyncette_healthy')).not.toBeNull();
  });
});
