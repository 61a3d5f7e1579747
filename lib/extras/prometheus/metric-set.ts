import { Counter, Gauge, Histogram } from 'prom-client';
import { InvalidTaskException } from '../../core/errors.js';
import type { AnyRegistry, PrometheusSettings } from './prometheus-options.js';

/** What is asked at each scrape. */
export interface Collectors {
  inProgress(gauge: Gauge<'task'>): void;
  parked(gauge: Gauge<'task'>): Promise<void>;
  healthy(gauge: Gauge): void;
}

/** The metrics of one application: their names, their labels, what they say. Never labelled by instance. */
export class MetricSet {
  readonly executions;
  readonly executionDuration;
  readonly failures;
  readonly lateness;
  readonly missed;
  readonly leasesLost;
  readonly ticks;
  readonly tickDuration;
  readonly operationDuration;
  private readonly names: string[] = [];
  private readonly registry: AnyRegistry;

  /** @throws InvalidTaskException when the registry has such metrics already */
  constructor(
    private readonly settings: PrometheusSettings,
    collectors: Collectors,
  ) {
    this.registry = settings.registry;
    const { execution, lateness, store } = settings.buckets;
    this.executions = this.counter('executions_total', 'Executions that have ended', ['task', 'outcome']);
    this.executionDuration = this.histogram(
      'execution_duration_seconds',
      'How long executions took',
      ['task', 'outcome'],
      execution,
    );
    this.failures = this.counter('execution_failures_total', 'Failed executions, by what ended them', [
      'task',
      'reason',
    ]);
    this.lateness = this.histogram(
      'execution_lateness_seconds',
      'How long after they were due executions started',
      ['task'],
      lateness,
    );
    this.missed = this.counter('missed_occurrences_total', 'Occurrences dropped as `missed` says', ['task']);
    this.leasesLost = this.counter('leases_lost_total', 'Leases lost while executing or settling', [
      'task',
      'during',
    ]);
    this.ticks = this.counter('ticks_total', 'Polls of the loop', ['result']);
    this.tickDuration = this.histogram('tick_duration_seconds', 'How long polls took', [], store);
    this.operationDuration = this.histogram(
      'repository_operation_duration_seconds',
      'How long calls of the store took',
      ['operation', 'result'],
      store,
    );
    this.gauge('executions_in_progress', 'Executions in flight in this process', ['task'], (gauge) =>
      collectors.inProgress(gauge),
    );
    this.gauge('parked_instances', 'Parked instances in the store, of all processes', ['task'], (gauge) =>
      collectors.parked(gauge),
    );
    this.gauge('healthy', '1 when a poll has succeeded within two poll intervals, else 0', [], (gauge) =>
      collectors.healthy(gauge),
    );
  }

  /** Takes them out of the registry. */
  remove(): void {
    for (const name of this.names) this.registry.removeSingleMetric(name);
  }

  private counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ ...this.named(name, help), labelNames });
  }

  private histogram<L extends string>(
    name: string,
    help: string,
    labelNames: L[],
    buckets: number[],
  ): Histogram<L> {
    return new Histogram({ ...this.named(name, help), labelNames, buckets });
  }

  private gauge<L extends string>(
    name: string,
    help: string,
    labelNames: L[],
    ask: (gauge: Gauge<L>) => void | Promise<void>,
  ): void {
    const gauge: Gauge<L> = new Gauge({
      ...this.named(name, help),
      labelNames,
      collect: async () => ask(gauge),
    });
  }

  private named(name: string, help: string) {
    const full = `${this.settings.prefix}${name}`;
    if (this.registry.getSingleMetric(full) !== undefined) {
      this.remove();
      throw new InvalidTaskException([
        `PyncettePrometheusModule: the registry has a metric ${full} already. Give each application of this process a registry of its own (registry: new Registry()), or another prefix`,
      ]);
    }
    this.names.push(full);
    return { name: full, help, registers: [this.registry] };
  }
}
