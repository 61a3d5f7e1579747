import { context, propagation, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, beforeEach } from 'vitest';

/** The spans of one test, as an exporter receives them. */
export class Spans {
  private readonly exporter = new InMemorySpanExporter();
  private readonly provider = new NodeTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(this.exporter)],
  });

  /** Registers an SDK for the tests of a file, as an application does at its start. */
  constructor() {
    beforeAll(() => this.provider.register());
    beforeEach(() => this.exporter.reset());
    afterAll(async () => {
      await this.provider.shutdown();
      trace.disable();
      context.disable();
      propagation.disable();
    });
  }

  get all(): readonly ReadableSpan[] {
    return this.exporter.getFinishedSpans();
  }

  named(name: string): ReadableSpan[] {
    return this.all.filter((span) => span.name === name);
  }

  /** @throws Error when there is not exactly one */
  only(name: string): ReadableSpan {
    const [span, ...more] = this.named(name);
    if (span === undefined || more.length > 0)
      throw new Error(`not one '${name}' among ${this.all.map((one) => one.name).join(', ')}`);
    return span;
  }
}

/** Runs work within a span, as a request does. */
export const within = <T>(name: string, work: () => Promise<T>): Promise<T> =>
  trace.getTracer('test').startActiveSpan(name, async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });

export const idOf = (span: ReadableSpan): string => span.spanContext().spanId;

/** The spans that a span is linked to. */
export const linksOf = (span: ReadableSpan): string[] => span.links.map((link) => link.context.spanId);
