import { Inject, Injectable } from '@nestjs/common';
import { DateTime } from 'luxon';
import { Observable } from 'rxjs';
import { mergeArgs } from '../core/args.js';
import { defineInstance } from '../core/define-instance.js';
import { InvalidScheduleException, RepositoryException } from '../core/errors.js';
import { isRecord } from '../core/read-option.js';
import { resolveZone } from '../core/schedule/zone.js';
import { type TaskDefinition, canonicalName } from '../core/task.js';
import { decodeArgs } from '../core/task-spec.js';
import type { PyncetteEvent } from '../engine/scheduler-events.js';
import { ArgsSchemas } from './args-schemas.js';
import { checkProgress, instancesOf, nameAndOptions, optionalName, startOf } from './call-options.js';
import type {
  BulkOptions,
  HeldTaskFilter,
  ResumeTasksOptions,
  TaskFilter,
} from './interfaces/task-filter.js';
import type { TaskDescription } from './interfaces/task-state.js';
import { checkKnown, resumeFilter, unscheduleFilter } from './list-options.js';
import { PyncetteQueries } from './pyncette.queries.js';
import { PyncetteRuntime } from './pyncette.runtime.js';
import type { TaskInfo } from './task-context.js';
import type {
  ArgsOf,
  MethodPair,
  ResumeOptions,
  ScheduleTasksOptions,
  TaskMethod,
  TaskReference,
  TransactionOptions,
  TriggerOptions,
  TypedInstance,
  TypedInstanceOptions,
} from './task-reference.js';

/** What an application asks of the scheduler. */
@Injectable()
export class PyncetteService extends PyncetteQueries {
  /** What happens, as it happens. */
  readonly events$: Observable<PyncetteEvent> = new Observable((subscriber) =>
    this.runtime.scheduler.events.subscribe((event) => subscriber.next(event)),
  );

  constructor(
    @Inject(PyncetteRuntime) runtime: PyncetteRuntime,
    @Inject(ArgsSchemas) private readonly schemas: ArgsSchemas,
  ) {
    super(runtime);
  }

  /**
   * Creates or updates an instance of a template. An unchanged schedule keeps its place; a changed one moves the next execution.
   *
   * @throws TaskNotFoundException, InvalidScheduleException, RepositoryException
   */
  scheduleTask<Method extends TaskMethod>(
    task: Method,
    instanceName: string,
    options: TypedInstanceOptions<ArgsOf<Method>>,
  ): Promise<void>;
  scheduleTask<T extends object, Key extends keyof T>(
    task: MethodPair<T, Key>,
    instanceName: string,
    options: TypedInstanceOptions<ArgsOf<T[Key]>>,
  ): Promise<void>;
  scheduleTask<Args extends object = object>(
    task: string,
    instanceName: string,
    options: TypedInstanceOptions<Args>,
  ): Promise<void>;
  async scheduleTask(task: TaskReference, instanceName: string, options: unknown): Promise<void> {
    const template = await this.template(task, 'scheduled');
    const manager = isRecord(options) ? this.transaction(options) : undefined;
    if (template.argsSchema !== null) await this.checkArgs(template, instanceName, options);
    await this.runtime.scheduler.schedule(template, [{ instanceName, options }], manager);
  }

  /** Creates or updates many instances in few statements; all are checked before any is written. */
  scheduleTasks<Method extends TaskMethod>(
    task: Method,
    instances: readonly TypedInstance<ArgsOf<Method>>[],
    options?: ScheduleTasksOptions,
  ): Promise<void>;
  scheduleTasks<T extends object, Key extends keyof T>(
    task: MethodPair<T, Key>,
    instances: readonly TypedInstance<ArgsOf<T[Key]>>[],
    options?: ScheduleTasksOptions,
  ): Promise<void>;
  scheduleTasks<Args extends object = object>(
    task: string,
    instances: readonly TypedInstance<Args>[],
    options?: ScheduleTasksOptions,
  ): Promise<void>;
  async scheduleTasks(
    task: TaskReference,
    instances: readonly { instanceName: string }[],
    options: ScheduleTasksOptions = {},
  ): Promise<void> {
    const template = await this.template(task, 'scheduled');
    checkProgress(options, ['manager', 'onProgress'], 'scheduleTasks()');
    const wanted = instancesOf(template.name, instances);
    if (template.argsSchema !== null)
      for (const { instanceName, options: given } of wanted)
        await this.checkArgs(template, instanceName, given);
    await this.runtime.scheduler.schedule(template, wanted, this.transaction(options), options.onProgress);
  }

  /** Removes an instance; an execution in flight finishes and does not bring it back. Resolves to whether it existed. */
  unscheduleTask(task: TaskReference, instanceName: string, options?: TransactionOptions): Promise<boolean>;
  unscheduleTask(task: TaskInfo, options?: TransactionOptions): Promise<boolean>;
  async unscheduleTask(
    task: TaskReference | TaskInfo,
    instanceName?: string | TransactionOptions,
    given?: TransactionOptions,
  ): Promise<boolean> {
    const template = await this.template(isInfo(task) ? task.name : task, 'unscheduled');
    const { name: named, options } = nameAndOptions(template.name, instanceName, given);
    checkKnown(options, ['manager'], 'unscheduleTask()');
    const name = isInfo(task) ? task.instanceName : named;
    if (name === null)
      throw new InvalidScheduleException(
        `Which instance of '${template.name}' is to be unscheduled? Give its name`,
      );
    return this.runtime.scheduler.unschedule(template, name, this.transaction(options));
  }

  /**
   * Removes all instances of a template that fit a filter (`{}`: all), a thousand at a time; executions in flight finish and bring
   * nothing back. Resolves to how many there were. Each step stands alone: what fails half-way leaves what was removed before it removed.
   *
   * @throws InvalidScheduleException when the filter has an unknown option, or nothing in it has a value
   */
  async unscheduleTasks(task: TaskReference, filter: TaskFilter, options: BulkOptions = {}): Promise<number> {
    const wanted = unscheduleFilter(filter);
    checkProgress(options, ['onProgress'], 'unscheduleTasks()');
    const template = await this.template(task, 'unscheduled');
    return this.runtime.scheduler.bulk.unscheduleAll(template, wanted, options.onProgress);
  }

  /**
   * Resumes all instances that are held as the filter says, a thousand at a time; parked ones start again at attempt 1. Resolves to
   * how many there were.
   *
   * @throws InvalidScheduleException when the filter or the options have an unknown option, or no state that can be resumed
   */
  async resumeTasks(
    task: TaskReference,
    filter: HeldTaskFilter,
    options: ResumeTasksOptions = {},
  ): Promise<number> {
    const wanted = resumeFilter(filter);
    checkProgress(options, ['onProgress', 'from'], 'resumeTasks()');
    const from = startOf(options);
    return this.runtime.scheduler.bulk.resumeAll(await this.find(task), wanted, from, options.onProgress);
  }

  /** Not claimed any more, by any process, until it is resumed. A template without an instance's name: all its instances, later ones too. */
  async pauseTask(task: TaskReference, instanceName?: string): Promise<boolean> {
    const found = await this.find(task);
    return this.runtime.scheduler.pause(found, optionalName(found.name, instanceName));
  }

  /** Claimed again; what has passed meanwhile counts as missed, or is dropped when resuming `from: 'now'`. */
  async resumeTask(
    task: TaskReference,
    instanceName?: string | ResumeOptions,
    options?: ResumeOptions,
  ): Promise<boolean> {
    const found = await this.find(task);
    const given = nameAndOptions(found.name, instanceName, options);
    checkKnown(given.options, ['from'], 'resumeTask()');
    return this.runtime.scheduler.resume(found, given.name, startOf(given.options));
  }

  /** Runs once now, without moving the schedule. Calls before that run begins are one. */
  async triggerTask(
    task: TaskReference,
    instanceName?: string | TriggerOptions,
    options?: TriggerOptions,
  ): Promise<boolean> {
    const found = await this.find(task);
    const given = nameAndOptions(found.name, instanceName, options);
    checkKnown(given.options, ['args'], 'triggerTask()');
    if (given.name === null && found.kind !== 'static')
      throw new InvalidScheduleException(
        `Which instance of '${found.name}' is to be triggered? A template has many: give the name of one`,
      );
    return this.runtime.scheduler.trigger(found, given.name, given.options.args);
  }

  /** What this process knows. */
  get tasks(): readonly TaskDescription[] {
    const { directory, scheduler } = this.runtime;
    return directory.all.map((options) => {
      const { name, kind, schedule, declaredAt } = options;
      return { name, kind, schedule, options, isEnabled: scheduler.isEnabled(name), declaredAt };
    });
  }

  /** Whether this process polls a task. Executions in flight finish. */
  setEnabled(task: TaskReference, enabled: boolean): void {
    this.runtime.setEnabled(task, enabled);
  }

  /** Adds a value to every execution's context, where `context.get(name)` finds it. */
  addToContext(name: string, value: unknown): void {
    const { values, fixtures } = this.runtime;
    values.add(name, value, fixtures.names);
  }

  /** Polling begins; not any more when the application has begun to close. */
  start(): Promise<void> {
    return this.runtime.start(this);
  }

  /** Polling ends; resolves when what was in flight has finished. */
  stop(): Promise<void> {
    return this.runtime.scheduler.stop();
  }

  /** Polls once; resolves when what was claimed has been started. Nothing is polled any more when the application has begun to close. */
  tick(): Promise<void> {
    return this.runtime.tick(this);
  }

  /** When the last successful poll ended. */
  get lastTick(): DateTime | null {
    const { lastTick, settings } = this.runtime.scheduler;
    return lastTick === null ? null : DateTime.fromMillis(lastTick, { zone: resolveZone(settings.timezone) });
  }

  /** Executions in flight in this process. */
  get inFlight(): number {
    return this.runtime.scheduler.inFlight;
  }

  /** Whether a poll has succeeded within the last two poll intervals, or is merely slow. */
  isHealthy(): boolean {
    return this.runtime.scheduler.isHealthy;
  }

  protected async known(): Promise<void> {
    if (this.runtime.isUpToDate) return;
    await this.runtime.configured(this);
    await this.runtime.rescan();
  }

  private async template(task: TaskReference, what: string): Promise<TaskDefinition> {
    const found = await this.find(task);
    if (found.kind === 'static')
      throw new InvalidScheduleException(
        `'${found.name}' is a static task and cannot be ${what}: its schedule stands at ${found.declaredAt}; make it a @DynamicTask()`,
      );
    return found;
  }

  /** The schema is asked about what would be stored, once everything else about the instance is right. */
  private async checkArgs(template: TaskDefinition, instanceName: string, options: unknown): Promise<void> {
    if (template.argsSchema === null) return;
    const { args } = defineInstance(template, instanceName, options);
    const what = `${canonicalName(template.name, instanceName)} cannot be scheduled`;
    await this.schemas.admit(template.argsSchema, mergeArgs(template.args, decodeArgs(args)), what);
  }

  /** Undefined where there is none; null means so, too. */
  private transaction({ manager }: TransactionOptions): unknown {
    const { features } = this.runtime.scheduler.repository;
    if ((manager ?? undefined) === undefined) return undefined;
    if (!features.transactions)
      throw new RepositoryException(
        `The repository (${features.name}) cannot join a transaction: leave manager out, or use a repository on a database`,
      );
    return manager;
  }
}

const isInfo = (task: TaskReference | TaskInfo): task is TaskInfo =>
  isRecord(task) && 'canonicalName' in task;
