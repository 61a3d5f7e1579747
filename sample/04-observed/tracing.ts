import {
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';

/** Prints a line for each span. An application sends them somewhere: `new OTLPTraceExporter()`. */
class LineExporter implements SpanExporter {
  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    for (const span of spans) {
      const links = span.links.map(({ context }) => `, asked for by ${context.spanId}`).join('');
      const error = span.attributes['error.type'] === undefined ? '' : `, ${span.status.message}`;
      console.log(`span ${span.spanContext().spanId}: ${span.name}${links}${error}`);
    }
    done({ code: 0 });
  }

  async shutdown(): Promise<void> {}
}

new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new LineExporter())] }).register();
