import { DateTime } from 'luxon';
import type { ExecutionMode } from '../core/task.js';
import { resolveZone } from '../core/schedule/zone.js';
import type { Execution } from '../engine/execution.js';
import type { TransactionManager } from './interfaces/store-types.js';
import type { ContextValues } from './context-values.js';
import type { PyncetteFixtures } from './interfaces/fixtures.js';
import type { PyncetteService } from './pyncette.service.js';

declare module '../core/task-options.js' {
  interface HandlerTypes {
    context: TaskContext;
  }
}

/** What an execution knows of the task it belongs to. */
export interface TaskInfo {
  readonly name: string;
  /** null for a static task. */
  readonly instanceName: string | null;
  /** `daily`, or `hello:bill_task`. */
  readonly canonicalName: string;
  /** In milliseconds. */
  readonly leaseDuration: number;
  readonly executionMode: ExecutionMode;
  /** The zone its moments are shown in. */
  readonly timezone: string;
}

/** What the whole application adds to the context of each execution. */
export interface SharedContext {
  readonly app: PyncetteService;
  readonly fixtures: PyncetteFixtures;
  readonly values: Pick<ContextValues, 'get'>;
}

/** Given to a task's method when it is executed. */
export class TaskContext<Args extends object = Record<string, unknown>> {
  readonly app: PyncetteService;
  readonly task: TaskInfo;
  /** The task's args with the instance's own merged over them; the output of its `argsSchema` if it has one. */
  readonly args: Args;
  /** Which attempt at this occurrence this is, from 1. */
  readonly attempt: number;
  /** How many other occurrences had passed with this one when it began. */
  readonly missed: number;
  /** The transaction of a transactional task: what is done through it happens exactly once. Undefined in other tasks. */
  readonly manager: TransactionManager;
  /** The same for every attempt at one occurrence: an idempotency key. */
  readonly executionId: string;
  /** What the fixtures set up. */
  readonly fixtures: PyncetteFixtures;
  private readonly execution: Execution;
  private moment: DateTime | null = null;
  private readonly values: SharedContext['values'];

  constructor(execution: Execution, args: object, shared: SharedContext) {
    const { task } = execution;
    this.app = shared.app;
    this.task = {
      name: task.name,
      instanceName: execution.instanceName,
      canonicalName: execution.canonicalName,
      leaseDuration: task.leaseMs,
      executionMode: task.executionMode,
      timezone: execution.timezone,
    };
    this.args = args as Args;
    this.attempt = execution.attempt;
    this.missed = execution.missed;
    this.manager = execution.transaction?.manager as TransactionManager;
    this.executionId = execution.executionId;
    this.fixtures = shared.fixtures;
    this.execution = execution;
    this.values = shared.values;
  }

  /** The moment of the occurrence that runs (or of the trigger), in the task's zone. */
  get scheduledAt(): DateTime {
    const { scheduledAt, timezone } = this.execution;
    return (this.moment ??= DateTime.fromMillis(scheduledAt, { zone: resolveZone(timezone) }));
  }

  /** Aborted when the lease is lost, the timeout has passed, or a shutdown waits no longer. */
  get signal(): AbortSignal {
    return this.execution.signal;
  }

  /**
   * Extends the lease by its duration from now; does nothing at most once.
   *
   * @throws LeaseLostException when the lease is no longer this execution's.
   */
  heartbeat(): Promise<void> {
    return this.execution.heartbeat();
  }

  /** What `addToContext(name, value)` added; `undefined` when nothing was. */
  get<T = unknown>(name: string): T {
    return this.values.get(name) as T;
  }
}
