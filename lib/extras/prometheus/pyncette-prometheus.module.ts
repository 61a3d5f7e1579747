import { type DynamicModule, Module } from '@nestjs/common';
import { metricsControllerAt } from './metrics.controller.js';
import type { PyncettePrometheusOptions } from './prometheus-options.js';
import { PROMETHEUS_OPTIONS, PyncetteMetrics } from './pyncette.metrics.js';

/** Metrics of the scheduler for Prometheus, with prom-client. Import it beside `PyncetteModule`. */
@Module({})
export class PyncettePrometheusModule {
  /**
   * Registers the metrics at the application's bootstrap, and takes them out of the registry when it has closed.
   *
   * @throws InvalidTaskException at bootstrap, when an option is wrong or the registry has such metrics already
   */
  static forRoot(options: PyncettePrometheusOptions = {}): DynamicModule {
    const { path } = options;
    return {
      module: PyncettePrometheusModule,
      controllers: typeof path === 'string' && path !== '' ? [metricsControllerAt(path)] : [],
      providers: [{ provide: PROMETHEUS_OPTIONS, useValue: options }, PyncetteMetrics],
    };
  }
}
