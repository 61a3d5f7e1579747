import { describe, expect, it } from 'vitest';
import { SpiedRepository } from '../engine/spied-repository.js';
import { serveMetrics } from './measured-application.js';

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
