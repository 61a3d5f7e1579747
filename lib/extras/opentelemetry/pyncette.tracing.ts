import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  context,
  trace,
} from '@opentelemetry/api';
import { errorText } from '../../core/text-of.js';
import type { Execution } from '../../engine/execution.js';
import type { ExecutionObserver, SchedulingCall } from '../../engine/execution-observer.js';
import type { Outcome } from '../../engine/outcome.js';
import { PyncetteInstrumentation } from '../../nest/pyncette.instrumentation.js';
import { PyncetteService } from '../../nest/pyncette.service.js';
import { errorType, executionAttributes, schedulingAttributes } from './attributes.js';
import { EngineSpans } from './engine-spans.js';
import { type PyncetteOpenTelemetryOptions, tracingSettings } from './opentelemetry-options.js';
import { spanContextOf, traceparentOf } from './traceparent.js';

export const OPENTELEMETRY_OPTIONS = Symbol('PYNCETTE_OPENTELEMETRY_OPTIONS');

/** What tracers call this instrumentation. */
const SCOPE = 'nestjs-pyncette';

/** Spans around what an application asks for and what is executed. */
@Injectable()
export class PyncetteTracing implements ExecutionObserver, OnApplicationShutdown {
  private readonly tracer: Tracer;
  private readonly engine: EngineSpans;
  private readonly stop: (() => void)[];

  constructor(
    @Inject(OPENTELEMETRY_OPTIONS) options: PyncetteOpenTelemetryOptions,
    @Inject(PyncetteService) pyncette: PyncetteService,
    @Inject(PyncetteInstrumentation) instrumentation: PyncetteInstrumentation,
  ) {
    const settings = tracingSettings(options);
    this.tracer = settings.provider.getTracer(SCOPE);
    this.engine = new EngineSpans(this.tracer, settings);
    this.stop = [instrumentation.observe(this), ...this.engine.listen(pyncette, instrumentation)];
  }

  onApplicationShutdown(): void {
    for (const stop of this.stop.splice(0)) stop();
  }

  /** Goes on with the caller's trace; its span is what the rows remember. */
  async aroundScheduling<T>(
    call: SchedulingCall,
    schedule: (origin: string | null) => Promise<T>,
  ): Promise<T> {
    const span = this.tracer.startSpan(`${call.kind} ${call.task}`, {
      kind: SpanKind.PRODUCER,
      attributes: schedulingAttributes(call),
    });
    try {
      return await context.with(trace.setSpan(context.active(), span), () =>
        schedule(traceparentOf(span.spanContext())),
      );
    } catch (error) {
      failed(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** A trace of its own, linked to the span that asked for it: that may have been long ago, and have asked for many executions. */
  async aroundExecution(execution: Execution, run: () => Promise<Outcome>): Promise<Outcome> {
    const origin = spanContextOf(execution.origin);
    const span = this.tracer.startSpan(
      `process ${execution.task.name}`,
      {
        kind: SpanKind.CONSUMER,
        root: true,
        attributes: executionAttributes(execution),
        links: origin === null ? [] : [{ context: origin }],
      },
      ROOT_CONTEXT,
    );
    try {
      const outcome = await context.with(trace.setSpan(ROOT_CONTEXT, span), run);
      span.setAttribute('messaging.pyncette.outcome', outcome.kind);
      if (outcome.kind === 'failed') failed(span, outcome.error);
      return outcome;
    } finally {
      span.end();
    }
  }
}

function failed(span: Span, error: unknown): void {
  const { message } = errorText(error);
  span.recordException(error instanceof Error ? error : message);
  span.setAttribute('error.type', errorType(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
