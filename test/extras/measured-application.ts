import { Injectable } from '@nestjs/common';
import { DynamicTask, Task, type TaskContext } from 'nestjs-pyncette';
import { PyncettePrometheusModule, type PyncettePrometheusOptions } from 'nestjs-pyncette/prometheus';
import { Registry } from 'prom-client';
import { Scrape } from './scrape.js';
import { type ServeOptions, type Served, serve } from './serve.js';

/** Tasks of a measured application. */
@Injectable()
export class MeasuredTasks {
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

/** Starts a web application with metrics in a registry of its own, on a test clock. */
export async function serveMetrics(
  prometheus: PyncettePrometheusOptions = {},
  options: ServeOptions = {},
): Promise<Served & { scrape(): Promise<Scrape>; registry: Registry }> {
  const registry = new Registry();
  const module = PyncettePrometheusModule.forRoot({ registry, path: '/metrics', ...prometheus });
  const served = await serve([MeasuredTasks], { imports: [module], ...options });
  served.pyncette.addToContext('clock', served.clock);
  const scrape = async (): Promise<Scrape> => new Scrape(await (await served.get('/metrics')).text());
  return { ...served, scrape, registry };
}
