import { ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, context, trace } from '@opentelemetry/api';
import { SystemClock } from '../../core/clock.js';
import type { RepositoryOperation } from '../../engine/execution-observer.js';
import type { PyncetteEvent } from '../../engine/scheduler-events.js';
import type { PyncetteInstrumentation } from '../../nest/pyncette.instrumentation.js';
import type { PyncetteService } from '../../nest/pyncette.service.js';
import { errorType, operationAttributes, tickAttributes } from './attributes.js';
import type { TracingSettings } from './opentelemetry-options.js';

/** Spans of polls and of calls of the store, made when these have ended: only then is it known whether they are worth one. */
export class EngineSpans {
  private readonly clock = new SystemClock();

  constructor(
    private readonly tracer: Tracer,
    private readonly settings: TracingSettings,
  ) {}

  /** Answers what ends the listening. */
  listen(pyncette: PyncetteService, instrumentation: PyncetteInstrumentation): (() => void)[] {
    const stop: (() => void)[] = [];
    if (this.settings.ticks !== 'none') {
      const subscription = pyncette.events$.subscribe((event) => this.tick(event));
      stop.push(() => subscription.unsubscribe());
    }
    if (this.settings.repositoryCalls !== 'none')
      stop.push(instrumentation.onOperation((operation) => this.call(operation)));
    return stop;
  }

  private tick(event: PyncetteEvent): void {
    if (event.type === 'tick:failed') return this.failedTick(event.error);
    if (event.type !== 'tick:finished' || (event.claimed === 0 && this.settings.ticks !== 'all')) return;
    const end = this.clock.now();
    const attributes = tickAttributes(event.claimed);
    const startTime = new Date(end - event.durationMs);
    this.tracer.startSpan('tick', { root: true, startTime, attributes }, ROOT_CONTEXT).end(new Date(end));
  }

  private failedTick(error: unknown): void {
    const attributes = { ...tickAttributes(0), 'error.type': errorType(error) };
    const span = this.tracer.startSpan('tick', { root: true, attributes }, ROOT_CONTEXT);
    span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) }).end();
  }

  private call(operation: RepositoryOperation): void {
    const isNested = trace.getActiveSpan()?.isRecording() === true;
    if (!isNested && this.settings.repositoryCalls !== 'all') return;
    const end = this.clock.now();
    const span = this.tracer.startSpan(
      `repository ${operation.operation}`,
      {
        kind: SpanKind.CLIENT,
        startTime: new Date(end - operation.durationMs),
        attributes: operationAttributes(operation),
      },
      isNested ? context.active() : ROOT_CONTEXT,
    );
    if (operation.result !== 'succeeded') span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(new Date(end));
  }
}
