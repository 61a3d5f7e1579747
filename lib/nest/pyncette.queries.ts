import type { DateTime } from 'luxon';
import type { TaskDefinition } from '../core/task.js';
import { executionRecord, placeOf, tokenOf } from './execution-record.js';
import type { ExecutionPage, ListExecutionsOptions } from './interfaces/execution-record.js';
import type {
  CountTasksOptions,
  ListTasksOptions,
  ListUpcomingOptions,
  NextRunsOptions,
  TaskPage,
  TaskState,
} from './interfaces/task-state.js';
import { nameBeforeOptions, optionalName } from './call-options.js';
import { checkKnown, filterOf, limitOf, nameAfter, tokenAfter } from './list-options.js';
import type { PyncetteRuntime } from './pyncette.runtime.js';
import { inZoneOf, runsAhead } from './runs-ahead.js';
import type { TaskReference } from './task-reference.js';
import { taskState } from './task-state.js';

const PAGE = ['limit', 'continuationToken'];
const FILTER = ['state', 'namePrefix'];

/** What an application can ask about instances and executions, without changing anything. */
export abstract class PyncetteQueries {
  constructor(protected readonly runtime: PyncetteRuntime) {}

  /** Resolves when the tasks of all modules that are loaded are known. */
  protected abstract known(): Promise<void>;

  /** @throws TaskNotFoundException */
  protected async find(task: TaskReference): Promise<TaskDefinition> {
    await this.known();
    return this.runtime.directory.find(task);
  }

  /** An instance (or a static task) as the repository has it, null when there is none. */
  async getTask(task: TaskReference, instanceName?: string): Promise<TaskState | null> {
    const found = await this.find(task);
    const stored = await this.runtime.scheduler.get(found, optionalName(found.name, instanceName));
    return stored && taskState(stored);
  }

  /**
   * One page of the instances of a template; of a static task, its one row.
   *
   * @throws InvalidScheduleException when an option is unknown or not what it has to be
   */
  async listTasks(task: TaskReference, options: ListTasksOptions = {}): Promise<TaskPage> {
    checkKnown(options, [...PAGE, ...FILTER], 'listTasks()');
    const limit = limitOf(options);
    const wanted = { limit: limit + 1, after: nameAfter(options.continuationToken), ...filterOf(options) };
    const found = await this.runtime.scheduler.list(await this.find(task), wanted);
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1)?.instanceName : null;
    return {
      tasks: page.map(taskState),
      continuationToken: last ? tokenAfter(last) : null,
    };
  }

  /** All instances of a template, page by page. */
  async *iterateTasks(
    task: TaskReference,
    options: Omit<ListTasksOptions, 'continuationToken'> = {},
  ): AsyncGenerator<TaskState> {
    for (let continuationToken: string | null | undefined; continuationToken !== null;) {
      const page: TaskPage = await this.listTasks(task, { ...options, continuationToken });
      yield* page.tasks;
      continuationToken = page.continuationToken;
    }
  }

  /**
   * How many instances a template has, in one state if asked; of a static task, its one row.
   *
   * @throws InvalidScheduleException when an option is unknown or not what it has to be
   */
  async countTasks(task: TaskReference, options: CountTasksOptions = {}): Promise<number> {
    checkKnown(options, FILTER, 'countTasks()');
    return this.runtime.scheduler.bulk.count(await this.find(task), filterOf(options));
  }

  /**
   * What becomes due next, of all tasks that this process knows: overdue instances first. What is executing, paused or parked is left out.
   *
   * @throws InvalidScheduleException when an option is unknown or not what it has to be
   */
  async listUpcoming(options: ListUpcomingOptions = {}): Promise<readonly TaskState[]> {
    checkKnown(options, ['limit', 'tasks'], 'listUpcoming()');
    const limit = limitOf(options);
    await this.known();
    const tasks: readonly TaskDefinition[] =
      options.tasks === undefined
        ? this.runtime.directory.all
        : await Promise.all(options.tasks.map((task) => this.find(task)));
    return (await this.runtime.scheduler.bulk.upcoming(tasks, limit)).map(taskState);
  }

  /**
   * When an instance or a static task runs next by its schedule, soonest first, in the task's zone; what is overdue comes first, and
   * what its `missed` drops is left out. A template without an instance's name: by its default schedule, from now. Empty when nothing
   * is scheduled.
   *
   * @throws InvalidScheduleException when an option is unknown or not what it has to be
   */
  async nextRuns(
    task: TaskReference,
    instanceName?: string | null,
    options: NextRunsOptions = {},
  ): Promise<DateTime[]> {
    checkKnown(options, ['limit'], 'nextRuns()');
    const limit = limitOf({ limit: 10, ...options });
    const { scheduler } = this.runtime;
    const found = await this.find(task);
    const name = nameBeforeOptions(found.name, instanceName);
    const isTemplate = found.kind !== 'static' && name === null;
    const stored = isTemplate ? null : await scheduler.get(found, name);
    if (stored === null && !isTemplate) return [];
    if (stored?.scheduledAt === null) return [];
    const of =
      stored === null
        ? { task: found, instanceName: null, schedule: found.schedule, scheduledAt: null }
        : { ...stored, task: found };
    return inZoneOf(of, runsAhead(of, { now: scheduler.nowMs, limit }));
  }

  /** Whether an instance, a static task, or a template as a whole is paused. */
  async isPaused(task: TaskReference, instanceName?: string | null): Promise<boolean> {
    const found = await this.find(task);
    const name = optionalName(found.name, instanceName);
    if (found.kind !== 'static' && name === null) return this.runtime.scheduler.isTemplatePaused(found);
    return (await this.runtime.scheduler.get(found, name))?.state === 'paused';
  }

  /** Whether this application keeps a history: the module's `history`. */
  get keepsHistory(): boolean {
    return this.runtime.scheduler.history.isKept;
  }

  /**
   * One page of the executions that have ended, newest first: of one instance, of all instances of a template, or of a static task.
   * Those of an instance that was unscheduled are still there until the module's `history.retention` has passed.
   *
   * @throws RepositoryException when this application keeps no history; InvalidScheduleException when what is asked cannot be meant
   */
  async listExecutions(
    task: TaskReference,
    instanceName?: string | null,
    options: ListExecutionsOptions = {},
  ): Promise<ExecutionPage> {
    checkKnown(options, PAGE, 'listExecutions()');
    const limit = limitOf(options);
    const page = { limit: limit + 1, before: placeOf(options.continuationToken) };
    const found = await this.find(task);
    const entries = await this.runtime.scheduler.history.list(found, {
      instanceName: nameBeforeOptions(found.name, instanceName),
      ...page,
    });
    const last = entries.length > limit ? entries[limit - 1] : undefined;
    return {
      executions: entries.slice(0, limit).map((entry) => executionRecord(entry, found.timezone)),
      continuationToken: last === undefined ? null : tokenOf(last),
    };
  }
}
