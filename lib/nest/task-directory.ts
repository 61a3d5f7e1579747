import { Inject, Injectable } from '@nestjs/common';
import { defineTask } from '../core/define-task.js';
import { didYouMean } from '../core/did-you-mean.js';
import { InvalidTaskException, TaskNotFoundException } from '../core/errors.js';
import { Problems } from '../core/problems.js';
import type { TaskDefinition } from '../core/task.js';
import type { Scheduler } from '../engine/scheduler.js';
import { ArgsSchemas } from './args-schemas.js';
import { HostModules } from './host-modules.js';
import { type FoundMethod, type FoundTask, PyncetteExplorer } from './pyncette.explorer.js';
import { TaskHandlerFactory } from './task-handler.factory.js';
import type { TaskReference } from './task-reference.js';
import type { SharedContext } from './task-context.js';

/** The tasks of the application: found, checked, told to the scheduler, and found again by reference. */
@Injectable()
export class TaskDirectory {
  private readonly byName = new Map<string, TaskDefinition>();
  private readonly places = new Map<string, string>();
  private readonly byMethod = new Map<unknown, Set<string>>();
  private scannedModules = -1;

  constructor(
    @Inject(PyncetteExplorer) private readonly explorer: PyncetteExplorer,
    @Inject(TaskHandlerFactory) private readonly handlers: TaskHandlerFactory,
    @Inject(HostModules) private readonly modules: HostModules,
    @Inject(ArgsSchemas) private readonly schemas: ArgsSchemas,
  ) {}

  get all(): readonly TaskDefinition[] {
    return [...this.byName.values()];
  }

  /** Looks for tasks that are new; answers the methods it saw. What is wrong goes to `problems`. */
  async scan(
    scheduler: Scheduler,
    shared: SharedContext,
    problems: Problems,
  ): Promise<readonly FoundMethod[]> {
    this.scannedModules = this.modules.container.size;
    const methods = this.explorer.methods();
    for (const method of methods) await this.add(method, scheduler, shared, problems);
    return methods;
  }

  /** The same after modules were loaded lazily. @throws InvalidTaskException */
  async rescan(scheduler: Scheduler, shared: SharedContext): Promise<void> {
    if (this.scannedModules === this.modules.container.size) return;
    const problems = new Problems();
    await this.scan(scheduler, shared, problems);
    if (problems.list.length > 0) throw new InvalidTaskException(problems.list);
  }

  /** @throws TaskNotFoundException with what may have been meant */
  find(reference: TaskReference): TaskDefinition {
    const name = typeof reference === 'string' ? reference : this.nameOf(reference);
    const task = this.byName.get(name);
    if (task !== undefined) return task;
    throw new TaskNotFoundException(
      `There is no task '${name}'${didYouMean(name, [...this.byName.keys()])}: is the class that declares it a provider of a module that is imported?`,
    );
  }

  private nameOf(reference: Exclude<TaskReference, string>): string {
    const isPair = typeof reference !== 'function';
    const method: unknown = isPair ? Reflect.get(reference[0].prototype as object, reference[1]) : reference;
    const label = isPair ? `${reference[0].name}.${reference[1]}` : reference.name;
    const names = [...(this.byMethod.get(method) ?? [])];
    if (names.length > 1)
      throw new TaskNotFoundException(
        `The method ${label} carries several tasks: give the name of one, ${names.map((name) => `'${name}'`).join(' or ')}`,
      );
    return names[0] ?? label;
  }

  /** A static task's args are known already. */
  private async checkArgs({ kind, name, declaredAt, argsSchema, args }: TaskDefinition, problems: Problems) {
    if (kind !== 'static' || argsSchema === null) return;
    try {
      await this.schemas.check(argsSchema, args, `Task '${name}' (${declaredAt})`);
    } catch (error) {
      problems.add(error instanceof Error ? error.message : String(error));
    }
  }

  private async add(
    method: FoundMethod,
    scheduler: Scheduler,
    shared: SharedContext,
    problems: Problems,
  ): Promise<void> {
    for (const found of await this.explorer.tasksOf(method, problems)) {
      const definition = defineTask(found, scheduler.settings, scheduler.repository.features, problems);
      const other = this.byName.get(found.name);
      if (other !== undefined)
        problems.add(
          `Task '${found.name}' is declared twice, at ${this.places.get(found.name)} and at ${placeOf(found)}: give one of them another name, or provide the class in one module only`,
        );
      if (definition === null || other !== undefined) continue;
      await this.checkArgs(definition, problems);
      this.byName.set(definition.name, definition);
      this.places.set(definition.name, placeOf(found));
      const key: unknown = Reflect.get(method.prototype, method.key);
      this.byMethod.set(key, (this.byMethod.get(key) ?? new Set()).add(definition.name));
      scheduler.add(this.handlers.create(method, definition, shared));
    }
  }
}

const placeOf = ({ declaredAt, method }: FoundTask): string => `${declaredAt} (${method.module.name})`;
