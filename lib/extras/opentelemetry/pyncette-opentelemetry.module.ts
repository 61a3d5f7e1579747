import { type DynamicModule, Module } from '@nestjs/common';
import type { PyncetteOpenTelemetryOptions } from './opentelemetry-options.js';
import { OPENTELEMETRY_OPTIONS, PyncetteTracing } from './pyncette.tracing.js';

/**
 * Traces of the scheduler with OpenTelemetry. Import it beside `PyncetteModule`; the application has an SDK that exports spans and
 * keeps the active context.
 */
@Module({})
export class PyncetteOpenTelemetryModule {
  /** @throws InvalidTaskException at bootstrap, when an option is wrong */
  static forRoot(options: PyncetteOpenTelemetryOptions = {}): DynamicModule {
    return {
      module: PyncetteOpenTelemetryModule,
      providers: [{ provide: OPENTELEMETRY_OPTIONS, useValue: options }, PyncetteTracing],
    };
  }
}
