import { type SpanContext, isSpanContextValid } from '@opentelemetry/api';

// What a row remembers of a span, whatever propagator the application has: the W3C Trace Context header `traceparent`, version 00.

const FORMAT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** null for a span that is none. */
export function traceparentOf(span: SpanContext): string | null {
  if (!isSpanContextValid(span)) return null;
  const flags = (span.traceFlags & 0xff).toString(16).padStart(2, '0');
  return `00-${span.traceId}-${span.spanId}-${flags}`;
}

/** The span that a row remembers; null when it remembers none, or something that is no `traceparent`. */
export function spanContextOf(traceparent: string | null): SpanContext | null {
  const [, version, traceId = '', spanId = '', flags = '', more] = FORMAT.exec(traceparent ?? '') ?? [];
  // Later versions may have more fields; this one has not, and ff is forbidden.
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return null;
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(span) ? span : null;
}
