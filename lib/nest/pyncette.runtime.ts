import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '../core/clock.js';
import type { TaskRepository } from '../core/task-repository.js';
import { InvalidTaskException, RepositoryException } from '../core/errors.js';
import { resolveOptions } from '../core/options.js';
import { Problems } from '../core/problems.js';
import { Scheduler } from '../engine/scheduler.js';
import { memoryRepository } from '../storage/memory.repository.js';
import { type NestSettings, checkNestOptions, shown } from './check-options.js';
import { ContextValues } from './context-values.js';
import { Enhancers } from './enhancers.js';
import { Fixtures } from './fixtures.js';
import { HostModules } from './host-modules.js';
import type { PyncetteModuleOptions } from './interfaces/module-options.js';
import { NEST_OPTIONS, PYNCETTE_CLOCK, PYNCETTE_OPTIONS, PYNCETTE_REPOSITORY } from './pyncette.constants.js';
import type { FoundMethod } from './pyncette.explorer.js';
import { PyncetteLogger } from './pyncette.logger.js';
import type { PyncetteService } from './pyncette.service.js';
import { TaskDirectory } from './task-directory.js';
import type { TaskReference } from './task-reference.js';

/** One application's scheduler from configuration to the end: made ready once, started, drained, torn down. */
@Injectable()
export class PyncetteRuntime {
  readonly scheduler: Scheduler;
  /** What `addToContext` added. */
  readonly values = new ContextValues();
  private readonly problems = new Problems();
  private readonly lists: NestSettings;
  /** What `setEnabled` asked for before the tasks were known. */
  private readonly wishes: { readonly task: TaskReference; readonly isEnabled: boolean }[] = [];
  private areTasksKnown = false;
  private isConfigured = false;
  private configuring: Promise<void> | null = null;
  private activating: Promise<void> | null = null;
  private ending: Promise<void> | null = null;
  private app: PyncetteService | null = null;

  constructor(
    @Inject(PYNCETTE_OPTIONS) options: PyncetteModuleOptions,
    @Inject(TaskDirectory) readonly directory: TaskDirectory,
    @Inject(Enhancers) private readonly enhancers: Enhancers,
    @Inject(Fixtures) readonly fixtures: Fixtures,
    @Inject(HostModules) private readonly modules: HostModules,
    @Inject(PYNCETTE_REPOSITORY) repository: TaskRepository,
    @Inject(PYNCETTE_CLOCK) clock: Clock | null,
  ) {
    const given = { ...options, repository, clock: clock ?? undefined };
    const settings = resolveOptions(given, NEST_OPTIONS, this.problems);
    this.lists = checkNestOptions(options, this.problems);
    for (const problem of repository.problems ?? []) this.problems.add(problem);
    if (settings.history !== null && repository.history === undefined)
      this.problems.add(
        `PyncetteModule: the repository (${repository.features.name}) keeps no history of executions: leave history out, or use one that does`,
      );
    const usable = this.problems.list.length > 0 ? memoryRepository() : repository;
    this.scheduler = new Scheduler(settings, usable, (token) => modules.find(token));
    this.scheduler.beforePoll = () => this.rescan().catch(keptFromPolls);
    modules.makeLastToStartAndFirstToStop();
  }

  get isEnding(): boolean {
    return this.ending !== null;
  }

  /** Of this process, at any time: before the tasks are known it is remembered. @throws TaskNotFoundException */
  setEnabled(task: TaskReference, isEnabled: boolean): void {
    if (this.areTasksKnown) this.scheduler.setEnabled(this.directory.find(task).name, isEnabled);
    else this.wishes.push({ task, isEnabled });
  }

  /** Whether the tasks of all modules that are loaded are known. */
  get isUpToDate(): boolean {
    return this.isConfigured && this.directory.isUpToDate;
  }

  /** Finds and checks every task and fixture, once. @throws InvalidTaskException with everything that is wrong */
  configured(app: PyncetteService): Promise<void> {
    this.app = app;
    return (this.configuring ??= this.configure());
  }

  /** Tasks of modules that were loaded since. @throws InvalidTaskException, which is logged, too: who loads a module does not wait for it */
  async rescan(): Promise<void> {
    if (this.app === null) return;
    try {
      await this.directory.rescan(this.scheduler, this.shared(this.app));
    } catch (error) {
      if (error instanceof InvalidTaskException) this.scheduler.events.notice('error', error.message);
      throw error;
    }
  }

  /** Fixtures are set up before the first tick, once. */
  activated(app: PyncetteService): Promise<void> {
    return (this.activating ??= this.configured(app).then(async () => void (await this.fixtures.setUp(app))));
  }

  async start(app: PyncetteService): Promise<void> {
    await this.activated(app);
    await this.opened();
    if (!this.isEnding) await this.scheduler.start();
  }

  async tick(app: PyncetteService): Promise<void> {
    if (this.isEnding) return;
    await this.activated(app);
    if (!this.isEnding) await this.scheduler.tick();
  }

  /** A store that is down is asked again by the loop; one that is configured wrong ends the start, with no fixture left standing. */
  private async opened(): Promise<void> {
    try {
      await this.scheduler.ready();
    } catch (error) {
      if (!(error instanceof RepositoryException && error.isPermanent)) return;
      this.activating = null;
      await this.fixtures.tearDown();
      throw error;
    }
  }

  /** Drains, tears fixtures down, lets the repository go; once, however often it is asked. */
  end(): Promise<void> {
    return (this.ending ??= this.finish());
  }

  private async configure(): Promise<void> {
    const { problems, lists } = this;
    if (this.modules.ours().length > 1)
      problems.add(
        'PyncetteModule.forRoot() is imported more than once: keep one, PyncetteService is injectable everywhere',
      );
    if (this.app === null) return;
    await this.enhancers.resolve(lists.interceptors);
    const methods = await this.directory.scan(this.scheduler, this.shared(this.app), problems);
    for (const problem of this.fixtures.collect(lists.fixtures, methods)) problems.add(problem);
    for (const problem of this.values.collisions(this.fixtures.names)) problems.add(problem);
    this.fulfilWishes();
    if (problems.list.length > 0) throw new InvalidTaskException(problems.list);
    new PyncetteLogger(this.scheduler).logOptions(shown(lists));
    this.warnOfGuards(methods);
    this.isConfigured = true;
  }

  private fulfilWishes(): void {
    this.areTasksKnown = true;
    for (const { task, isEnabled } of this.wishes.splice(0))
      this.problems.attempt('setEnabled()', () => this.setEnabled(task, isEnabled));
  }

  private warnOfGuards(methods: readonly FoundMethod[]): void {
    for (const found of methods)
      if (this.enhancers.areGuardsIgnored(found))
        this.scheduler.events.notice(
          'warn',
          `@UseGuards on ${found.type.name}.${found.key} does nothing for its executions, for a schedule has no caller: take it away, or set PyncetteModule.forRoot({ guards: true })`,
        );
  }

  private shared(app: PyncetteService) {
    return { app, fixtures: this.fixtures.values, values: this.values };
  }

  private async finish(): Promise<void> {
    await this.activating?.catch(() => undefined);
    await this.scheduler.shutdown();
    await this.fixtures.tearDown();
    await this.scheduler.close();
  }
}

/** All other tasks go on. */
function keptFromPolls(error: unknown): void {
  if (!(error instanceof InvalidTaskException)) throw error;
}
