import type { OpenMetricsContentType, PrometheusContentType, Registry } from 'prom-client';
import type { DurationLike } from '../../core/duration.js';
import { InvalidTaskException } from '../../core/errors.js';
import { Problems } from '../../core/problems.js';
import { OptionReader, show } from '../../core/read-option.js';

/** A registry of either format. */
export type AnyRegistry = Registry<PrometheusContentType> | Registry<OpenMetricsContentType>;

/** The upper bounds of histograms, in seconds, ascending. */
export interface PyncettePrometheusBuckets {
  /** How long executions take. Default 5 ms to an hour. */
  execution?: readonly number[];
  /** How late executions start. Default 10 ms to an hour. */
  lateness?: readonly number[];
  /** How long polls and calls of the store take. Default 1 ms to 10 s. */
  store?: readonly number[];
}

/** Options of `PyncettePrometheusModule.forRoot()`. */
export interface PyncettePrometheusOptions {
  /** Where the metrics are registered. Default: prom-client's global `register`. Two applications in one process need two. */
  registry?: AnyRegistry;
  /** What their names begin with. Default `'pyncette_'`. */
  prefix?: string;
  buckets?: PyncettePrometheusBuckets;
  /** How long a count of parked instances is good: scrapes between ask the store nothing. Default 30 s. */
  parkedInterval?: DurationLike;
  /**
   * Serves the registry at this path of the application, for everybody who reaches it. Default: none; the application exposes
   * `registry.metrics()` itself.
   */
  path?: string;
}

const BUCKETS = {
  execution: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600],
  lateness: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600],
  store: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
};
const OPTIONS = ['registry', 'prefix', 'buckets', 'parkedInterval', 'path'];

/** The options, checked. */
export interface PrometheusSettings {
  readonly registry: AnyRegistry;
  readonly prefix: string;
  readonly buckets: Readonly<Record<keyof typeof BUCKETS, number[]>>;
  readonly parkedIntervalMs: number;
}

/** @throws InvalidTaskException with everything that is wrong */
export function prometheusSettings(
  options: PyncettePrometheusOptions,
  globalRegistry: AnyRegistry,
): PrometheusSettings {
  const problems = new Problems();
  const reader = new OptionReader('PyncettePrometheusModule', { ...options }, problems);
  reader.knowsOnly(OPTIONS);
  const settings = {
    registry: registryOf(reader, options.registry ?? globalRegistry),
    prefix: prefixOf(reader),
    buckets: bucketsOf(reader),
    parkedIntervalMs: reader.duration('parkedInterval', 30_000),
  };
  if (reader.has('path') && (typeof reader.get('path') !== 'string' || reader.get('path') === ''))
    reader.complain(`path is ${show(reader.get('path'))}; it has to be a path, as '/metrics'`);
  if (problems.list.length > 0) throw new InvalidTaskException(problems.list);
  return settings;
}

function registryOf(reader: OptionReader, registry: AnyRegistry): AnyRegistry {
  if (typeof registry?.registerMetric !== 'function')
    reader.complain(`registry is ${show(registry)}; it has to be a Registry of prom-client`);
  return registry;
}

function prefixOf(reader: OptionReader): string {
  const prefix = reader.get('prefix') ?? 'pyncette_';
  if (typeof prefix === 'string' && /^([a-z_][a-z0-9_]*)?$/i.test(prefix)) return prefix;
  reader.complain(`prefix is ${show(prefix)}; it has to consist of letters, digits and _, no digit first`);
  return '';
}

function bucketsOf(reader: OptionReader): PrometheusSettings['buckets'] {
  const within = reader.within('buckets');
  within?.knowsOnly(Object.keys(BUCKETS));
  const read = (name: keyof typeof BUCKETS): number[] => {
    const given = within?.get(name) ?? BUCKETS[name];
    if (isAscending(given)) return [...given];
    within?.complain(`${name} is ${show(given)}; it has to be a list of ascending seconds, none below 0`);
    return [];
  };
  return { execution: read('execution'), lateness: read('lateness'), store: read('store') };
}

function isAscending(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  let before = -1;
  return value.every((bound: unknown) => {
    const isNext = typeof bound === 'number' && Number.isFinite(bound) && bound >= 0 && bound > before;
    if (isNext) before = bound;
    return isNext;
  });
}
