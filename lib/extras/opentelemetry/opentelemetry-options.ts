import { type TracerProvider, trace } from '@opentelemetry/api';
import { InvalidTaskException } from '../../core/errors.js';
import { Problems } from '../../core/problems.js';
import { OptionReader, show } from '../../core/read-option.js';

/** Options of `PyncetteOpenTelemetryModule.forRoot()`. */
export interface PyncetteOpenTelemetryOptions {
  /** Default: the one that the application's SDK has registered globally. */
  tracerProvider?: TracerProvider;
  /** Spans of polls: of those that claimed something or failed, of all, or of none. Default `'claiming'`. */
  ticks?: 'claiming' | 'all' | 'none';
  /**
   * Spans of the calls of the store: of those made within a span that is recorded (a request that schedules, an execution), of all,
   * the engine's own polls, settlements and heartbeats included, or of none. Default `'nested'`.
   */
  repositoryCalls?: 'nested' | 'all' | 'none';
}

/** The options, checked. */
export interface TracingSettings {
  readonly provider: TracerProvider;
  readonly ticks: 'claiming' | 'all' | 'none';
  readonly repositoryCalls: 'nested' | 'all' | 'none';
}

/** @throws InvalidTaskException with everything that is wrong */
export function tracingSettings(options: PyncetteOpenTelemetryOptions): TracingSettings {
  const problems = new Problems();
  const reader = new OptionReader('PyncetteOpenTelemetryModule', { ...options }, problems);
  reader.knowsOnly(['tracerProvider', 'ticks', 'repositoryCalls']);
  const provider = options.tracerProvider ?? trace.getTracerProvider();
  if (typeof provider.getTracer !== 'function')
    reader.complain(`tracerProvider is ${show(provider)}; it has to be a TracerProvider with getTracer()`);
  const settings: TracingSettings = {
    provider,
    ticks: reader.oneOf('ticks', ['claiming', 'all', 'none'], 'claiming'),
    repositoryCalls: reader.oneOf('repositoryCalls', ['nested', 'all', 'none'], 'nested'),
  };
  if (problems.list.length > 0) throw new InvalidTaskException(problems.list);
  return settings;
}
