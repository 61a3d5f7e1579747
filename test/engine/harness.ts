import type { PyncetteEvent } from '../../lib/engine/scheduler-events.js';
import type { Execution } from '../../lib/engine/execution.js';
import { Scheduler } from '../../lib/engine/scheduler.js';
import { type TaskDefinition, ExecutionMode, FailureMode } from '../../lib/core/task.js';
import type { Clock } from '../../lib/core/clock.js';
import type { SchedulerSettings } from '../../lib/core/scheduler-options.js';
import type { TaskRepository } from '../../lib/core/task-repository.js';
import { memoryRepository } from '../../lib/storage/memory.repository.js';
import { TestClock } from '../../lib/testing/test-clock.js';

export const START = '2026-01-01T00:00:00.000Z';

export function settings(clock: Clock, overrides: Partial<SchedulerSettings> = {}): SchedulerSettings {
  return {
    pollIntervalMs: 1_000,
    batchSize: 100,
    concurrencyLimit: 100,
    timezone: 'UTC',
    cronSeconds: 'first',
    missed: 'once',
    heartbeat: false,
    shutdownTimeoutMs: null,
    history: null,
    autoStart: true,
    clock,
    isClockGiven: true,
    ...overrides,
  };
}

export function definition(overrides: Partial<TaskDefinition> = {}): TaskDefinition {
  const name = overrides.name ?? 'task';
  return {
    name,
    kind: 'static',
    schedule:
      overrides.kind === undefined || overrides.kind === 'static'
        ? { kind: 'interval', everyMs: 2_000 }
        : null,
    timezone: 'UTC',
    cronSeconds: 'first',
    enabled: true,
    leaseMs: 60_000,
    executionMode: ExecutionMode.AT_LEAST_ONCE,
    failureMode: FailureMode.NONE,
    missed: 'once',
    maxLatenessMs: 1_000 + (overrides.leaseMs ?? 60_000),
    retry: null,
    timeoutMs: null,
    concurrencyLimit: null,
    transactional: false,
    argsSchema: null,
    jitterMs: 0,
    args: {},
    heartbeat: null,
    partitions: null,
    declaredAt: `Test.${name}`,
    ...overrides,
  };
}

/** One scheduler on a test clock, with a record of what it did. */
export class Bench {
  readonly clock: TestClock;
  readonly repository: TaskRepository;
  readonly scheduler: Scheduler;
  readonly events: PyncetteEvent[] = [];
  /** When each execution began, in seconds from the start. */
  readonly starts: number[] = [];
  private readonly zero: number;

  constructor(
    options: { clock?: TestClock; repository?: TaskRepository; settings?: Partial<SchedulerSettings> } = {},
  ) {
    this.clock = options.clock ?? new TestClock(START);
    this.zero = this.clock.now();
    this.repository = options.repository ?? memoryRepository();
    this.scheduler = new Scheduler(settings(this.clock, options.settings), this.repository);
    this.scheduler.events.subscribe((event) => this.events.push(event));
  }

  /** Adds a task whose executions are recorded before `handler` runs. */
  add(
    overrides: Partial<TaskDefinition>,
    handler: (execution: Execution) => unknown = () => undefined,
  ): TaskDefinition {
    const task = definition(overrides);
    this.scheduler.add({
      definition: task,
      run: async (execution) => {
        this.starts.push(this.seconds());
        return handler(execution);
      },
    });
    return task;
  }

  seconds(): number {
    return (this.clock.now() - this.zero) / 1_000;
  }

  of<T extends PyncetteEvent['type']>(type: T): Extract<PyncetteEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<PyncetteEvent, { type: T }> => event.type === type);
  }

  /** Starts, advances, and stops (waiting for what is in flight by moving the clock). */
  async runFor(duration: string): Promise<void> {
    await this.scheduler.start();
    await this.clock.advance(duration);
  }
}
