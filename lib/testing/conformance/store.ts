import assert from 'node:assert/strict';
import type { SchedulerSettings } from '../../core/scheduler-options.js';
import { type TaskDefinition, ExecutionMode, FailureMode } from '../../core/task.js';
import type {
  ClaimResult,
  ClaimableTask,
  LeaseProof,
  Registration,
  RepositorySession,
  TaskRepository,
} from '../../core/task-repository.js';
import type { RowKey, TaskRow } from '../../core/task-row.js';
import type { RunnableTask } from '../../engine/execution.js';
import { Scheduler } from '../../engine/scheduler.js';
import { TestClock } from '../test-clock.js';

/** A store without rows, as a case is given it. */
export interface StoreUnderTest {
  /** A handle on the store, as another application would have it: all handles see the same rows. */
  connect(): TaskRepository | Promise<TaskRepository>;
  /** Called after the case, when all handles are closed. */
  destroy?(): Promise<void>;
}

/** When the clocks of the cases begin. */
export const ZERO = Date.parse('2026-01-01T00:00:00Z');
export const LEASE_MS = 60_000;
const OWNER = 'conformance';

/** A store, the clock that decides for it, and short words for what cases do. */
export class Store {
  readonly clock = new TestClock(ZERO);
  private readonly handles: TaskRepository[] = [];
  private readonly schedulers: Scheduler[] = [];

  constructor(private readonly underTest: StoreUnderTest) {}

  /** One more handle, open. */
  async open(wishes: Pick<RepositorySession, 'keepsHistory'> = {}): Promise<TaskRepository> {
    const handle = await this.underTest.connect();
    await handle.open({ clock: this.clock, isClockGiven: true, ...wishes });
    this.handles.push(handle);
    return handle;
  }

  /** One more application on the store. */
  async scheduler(
    tasks: readonly RunnableTask[],
    overrides: Partial<SchedulerSettings> = {},
  ): Promise<Scheduler> {
    const scheduler = new Scheduler(
      { ...settings(this.clock), ...overrides },
      await this.underTest.connect(),
    );
    for (const task of tasks) scheduler.add(task);
    this.schedulers.push(scheduler);
    await scheduler.ready();
    return scheduler;
  }

  async close(): Promise<void> {
    const stopped = Promise.all(this.schedulers.map((scheduler) => scheduler.stop()));
    // What still sleeps in a handler ends, so that a case that failed half-way says why.
    await this.clock.advance('1h');
    await stopped;
    for (const scheduler of this.schedulers) await scheduler.close();
    for (const handle of this.handles) await handle.close();
  }
}

function settings(clock: TestClock): SchedulerSettings {
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
  };
}

/** A template without options, or with those given. */
export function template(name: string, overrides: Partial<TaskDefinition> = {}): TaskDefinition {
  return {
    name,
    kind: 'dynamic',
    schedule: null,
    timezone: 'UTC',
    cronSeconds: 'first',
    enabled: true,
    leaseMs: LEASE_MS,
    executionMode: ExecutionMode.AT_LEAST_ONCE,
    failureMode: FailureMode.NONE,
    missed: 'once',
    maxLatenessMs: LEASE_MS,
    retry: null,
    timeoutMs: null,
    concurrencyLimit: null,
    transactional: false,
    argsSchema: null,
    jitterMs: 0,
    args: {},
    heartbeat: null,
    partitions: null,
    declaredAt: `Conformance.${name}`,
    ...overrides,
  };
}

/** A registration of an instance every so often. */
export function every(
  instance: string,
  everyMs: number,
  overrides: Partial<Registration> = {},
): Registration {
  return {
    task: 'task',
    instance,
    queue: overrides.task ?? 'task',
    schedule: `{"v":1,"every":${everyMs}}`,
    args: '{}',
    jitterMs: 0,
    force: false,
    place: (now) => now + everyMs,
    ...overrides,
  };
}

export const key = (instance: string, task = 'task'): RowKey => ({ task, instance });

/** The row of an instance. @throws AssertionError when there is none. */
export async function rowOf(repository: TaskRepository, instance: string, task = 'task'): Promise<TaskRow> {
  const [listed] = await repository.find([key(instance, task)]);
  assert.ok(listed, `${task}:${instance} has no row`);
  return listed.row;
}

/** Claims from the templates named. */
export function claimFrom(
  repository: TaskRepository,
  tasks: readonly (string | Partial<ClaimableTask>)[] = ['task'],
  limit = 100,
): Promise<ClaimResult> {
  const claimable = tasks.map((given): ClaimableTask => {
    const wanted = typeof given === 'string' ? { task: given } : given;
    const task = wanted.task ?? 'task';
    return { isStatic: false, queues: [task], leaseMs: LEASE_MS, limit: 100, ...wanted, task };
  });
  return repository.claimDue({ tasks: claimable, limit, owner: OWNER });
}

/** Claims exactly one row. */
export async function claimOne(repository: TaskRepository): Promise<TaskRow> {
  const { claimed } = await claimFrom(repository);
  assert.equal(claimed.length, 1, `${claimed.length} rows were claimed instead of one`);
  const [first] = claimed;
  assert.ok(first);
  return first.row;
}

export const proofOf = (row: TaskRow): LeaseProof => ({
  task: row.task,
  instance: row.instance,
  leaseToken: row.leaseToken ?? '',
  attempt: row.attempt,
});
