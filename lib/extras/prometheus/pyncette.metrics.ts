import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type Gauge, register } from 'prom-client';
import type { Subscription } from 'rxjs';
import { LeaseLostException, TaskTimeoutException } from '../../core/errors.js';
import type { PyncetteEvent } from '../../engine/scheduler-events.js';
import { PyncetteInstrumentation } from '../../nest/pyncette.instrumentation.js';
import { PyncetteService } from '../../nest/pyncette.service.js';
import { MetricSet } from './metric-set.js';
import { ParkedCounts } from './parked-counts.js';
import {
  type PrometheusSettings,
  type PyncettePrometheusOptions,
  prometheusSettings,
} from './prometheus-options.js';

export const PROMETHEUS_OPTIONS = Symbol('PYNCETTE_PROMETHEUS_OPTIONS');

/** Keeps the metrics of one application from its first poll to its last execution. */
@Injectable()
export class PyncetteMetrics implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly settings: PrometheusSettings;
  private readonly parked: ParkedCounts;
  private metrics: MetricSet | null = null;
  private subscription: Subscription | null = null;
  private stopTiming: (() => void) | null = null;

  constructor(
    @Inject(PROMETHEUS_OPTIONS) options: PyncettePrometheusOptions,
    @Inject(PyncetteService) private readonly pyncette: PyncetteService,
    @Inject(PyncetteInstrumentation) private readonly instrumentation: PyncetteInstrumentation,
  ) {
    this.settings = prometheusSettings(options, register);
    this.parked = new ParkedCounts(pyncette, this.settings.parkedIntervalMs);
  }

  /** Not earlier: an application whose start fails leaves nothing in the registry. */
  onApplicationBootstrap(): void {
    const metrics = new MetricSet(this.settings, {
      inProgress: (gauge) => setAll(gauge, this.instrumentation.inFlightByTask),
      parked: async (gauge) => setAll(gauge, await this.parked.current()),
      healthy: (gauge) => gauge.set(this.pyncette.isHealthy() ? 1 : 0),
    });
    this.metrics = metrics;
    this.beginAtZero(metrics);
    this.subscription = this.pyncette.events$.subscribe((event) => count(metrics, event));
    this.stopTiming = this.instrumentation.onOperation(({ operation, result, durationMs }) =>
      metrics.operationDuration.observe({ operation, result }, durationMs / 1_000),
    );
  }

  /** After everything has been drained. */
  onApplicationShutdown(): void {
    this.subscription?.unsubscribe();
    this.stopTiming?.();
    this.metrics?.remove();
  }

  /** A counter that appears with its first failure shows no increase to Prometheus. */
  private beginAtZero({ executions, failures, missed, leasesLost, ticks }: MetricSet): void {
    for (const result of ['finished', 'failed']) ticks.inc({ result }, 0);
    for (const { name: task } of this.pyncette.tasks) {
      for (const outcome of ['succeeded', 'failed']) executions.inc({ task, outcome }, 0);
      for (const reason of ['error', 'timeout', 'lease_lost']) failures.inc({ task, reason }, 0);
      for (const during of ['execution', 'settlement']) leasesLost.inc({ task, during }, 0);
      missed.inc({ task }, 0);
    }
  }
}

function setAll(gauge: Gauge<'task'>, values: ReadonlyMap<string, number>): void {
  for (const [task, value] of values) gauge.set({ task }, value);
}

function count(metrics: MetricSet, event: PyncetteEvent): void {
  switch (event.type) {
    case 'tick:finished':
      metrics.ticks.inc({ result: 'finished' });
      return metrics.tickDuration.observe(seconds(event.durationMs));
    case 'tick:failed':
      return metrics.ticks.inc({ result: 'failed' });
    case 'task:started':
      return metrics.lateness.observe({ task: event.task }, seconds(event.latenessMs));
    case 'task:succeeded':
      return ended(metrics, event.task, 'succeeded', event.durationMs);
    case 'task:failed':
      metrics.failures.inc({ task: event.task, reason: reasonOf(event.error) });
      return ended(metrics, event.task, 'failed', event.durationMs);
    case 'task:missed':
      return metrics.missed.inc({ task: event.task }, event.count);
    case 'lease:lost':
      return metrics.leasesLost.inc({ task: event.task, during: event.during });
    default:
  }
}

function ended(metrics: MetricSet, task: string, outcome: string, durationMs: number): void {
  metrics.executions.inc({ task, outcome });
  metrics.executionDuration.observe({ task, outcome }, seconds(durationMs));
}

/** Few words, so that no application can fill the registry with names of errors. */
function reasonOf(error: unknown): string {
  if (error instanceof TaskTimeoutException) return 'timeout';
  return error instanceof LeaseLostException ? 'lease_lost' : 'error';
}

/** A clock that was set back between two readings takes no time away. */
const seconds = (milliseconds: number): number => Math.max(0, milliseconds) / 1_000;
