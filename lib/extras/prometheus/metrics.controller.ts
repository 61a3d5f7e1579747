import { Controller, Get, Inject, Res, type Type } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { PyncetteMetrics } from './pyncette.metrics.js';

/** A controller that serves the registry at a path, on Express and Fastify. */
export function metricsControllerAt(path: string): Type<object> {
  @Controller()
  class PyncetteMetricsController {
    constructor(
      @Inject(PyncetteMetrics) private readonly metrics: PyncetteMetrics,
      @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    ) {}

    @Get(path)
    scrape(@Res({ passthrough: true }) response: object): Promise<string> {
      const { registry } = this.metrics.settings;
      this.host.httpAdapter.setHeader(response, 'Content-Type', registry.contentType);
      return registry.metrics();
    }
  }
  return PyncetteMetricsController;
}
