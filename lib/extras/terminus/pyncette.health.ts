import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { SystemClock } from '../../core/clock.js';
import type { DurationLike } from '../../core/duration.js';
import { InvalidTaskException, RepositoryException } from '../../core/errors.js';
import { Problems } from '../../core/problems.js';
import { OptionReader } from '../../core/read-option.js';
import { type DueInstance, PyncetteInstrumentation } from '../../nest/pyncette.instrumentation.js';
import { PyncetteService } from '../../nest/pyncette.service.js';

/** What is asked of a scheduler that is healthy. */
export interface PyncetteHealthOptions {
  /** Overdue by more than this, an instance turns the indicator down. Default: it is reported only. */
  maxOverdue?: DurationLike;
  /** How long the store may take to answer. Default 3 s. */
  timeout?: DurationLike;
  /** False: for a process that only schedules (`autoStart: false`), whose polls are not asked for. Default true. */
  polls?: boolean;
}

/** What the indicator says beside up or down; nothing of the application's data but the name of a task. */
export interface PyncetteHealth extends Record<string, unknown> {
  /** When the last poll succeeded, in ISO 8601; null: none has. */
  lastPoll: string | null;
  /** Executions in flight in this process. */
  inFlight: number;
  repository: 'up' | 'down';
  /** By how many milliseconds the oldest due instance is overdue; 0: none is. Left out while the store does not answer. */
  overdueMs?: number;
  /** Whose instance that is. */
  overdueTask?: string;
  /** Why it is down. */
  message?: string;
}

interface HealthSettings {
  readonly maxOverdueMs: number | null;
  readonly timeoutMs: number;
  readonly polls: boolean;
}

/** A health indicator for `@nestjs/terminus`: the loop polls, the store answers, and nothing waits for too long. */
@Injectable()
export class PyncetteHealthIndicator {
  private readonly clock = new SystemClock();

  constructor(
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(PyncetteService) private readonly pyncette: PyncetteService,
    @Inject(PyncetteInstrumentation) private readonly instrumentation: PyncetteInstrumentation,
  ) {}

  /**
   * Up or down, with what was found. Asks the store once.
   *
   * @throws InvalidTaskException when an option is wrong
   */
  async isHealthy<const Key extends string>(
    key: Key,
    options: PyncetteHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const settings = settingsOf(options);
    const session = this.indicators.check(key);
    const next = await this.nextDue(settings.timeoutMs);
    const overdueMs = Math.max(0, next?.overdueMs ?? 0);
    const health: PyncetteHealth = {
      lastPoll: this.pyncette.lastTick?.toUTC().toISO() ?? null,
      inFlight: this.pyncette.inFlight,
      repository: next === undefined ? 'down' : 'up',
      ...(next === undefined ? {} : { overdueMs }),
      ...(overdueMs > 0 ? { overdueTask: next?.task } : {}),
    };
    const message = this.complaint(settings, next === undefined, overdueMs);
    return message === null ? session.up(health) : session.down({ ...health, message });
  }

  private complaint(settings: HealthSettings, isDown: boolean, overdueMs: number): string | null {
    if (isDown) return 'The repository does not answer';
    if (settings.polls && !this.pyncette.isHealthy())
      return 'No poll has succeeded within two poll intervals';
    const { maxOverdueMs } = settings;
    if (maxOverdueMs !== null && overdueMs > maxOverdueMs)
      return `An instance is overdue by ${overdueMs} ms, more than ${maxOverdueMs} ms`;
    return null;
  }

  /** undefined: the store failed or was too slow. What failed is in the log; it may name hosts, which are nobody's business here. */
  private async nextDue(timeoutMs: number): Promise<DueInstance | null | undefined> {
    const timer = new AbortController();
    const late = this.clock.sleep(timeoutMs, timer.signal).then(
      () => undefined,
      () => undefined,
    );
    try {
      return await Promise.race([this.instrumentation.nextDue(), late]);
    } catch (error) {
      // That a repository of the application's own cannot tell is no fault of the store.
      if (error instanceof RepositoryException && error.isOfCaller) throw error;
      return undefined;
    } finally {
      timer.abort();
    }
  }
}

function settingsOf(options: PyncetteHealthOptions): HealthSettings {
  const problems = new Problems();
  const reader = new OptionReader('PyncetteHealthIndicator', { ...options }, problems);
  reader.knowsOnly(['maxOverdue', 'timeout', 'polls']);
  const settings = {
    maxOverdueMs: reader.duration('maxOverdue', null),
    timeoutMs: reader.duration('timeout', 3_000),
    polls: reader.flag('polls', true),
  };
  if (problems.list.length > 0) throw new InvalidTaskException(problems.list);
  return settings;
}
