import { Inject, Injectable } from '@nestjs/common';
import { defineTask } from '../core/define-task.js';
import { didYouMean } from '../core/did-you-mean.js';
import { InvalidTaskException, TaskNotFoundException } from '../core/errors.js';
import { Problems } from '../core/problems.js';
import { show } from '../core/read-option.js';
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
  /** The same for methods of base classes that are overridden by those that run. */
  private readonly byOverridden = new Map<unknown, Set<string>>();
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

  /** Whether all modules that are loaded have been looked at. */
  get isUpToDate(): boolean {
    return this.scannedModules === this.modules.container.size;
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
    if (this.isUpToDate) return;
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

  private nameOf(reference: unknown): string {
    const { method, label, key } = methodOf(reference);
    const names = [...(this.byMethod.get(method) ?? this.byOverridden.get(method) ?? [])];
    const [name] = names;
    if (names.length > 1)
      throw new TaskNotFoundException(
        `The method ${label} carries several tasks: give the name of one, ${names.map((one) => `'${one}'`).join(' or ')}`,
      );
    if (name !== undefined) return name;
    const meant = didYouMean(
      key,
      [...this.byName.keys()].filter((one) => one !== key),
    );
    throw new TaskNotFoundException(
      `There is no task '${label}'${meant}: has that method a decorator such as @DynamicTask(), and is its class a provider of a module that is imported?`,
    );
  }

  /** A static task's args are known already. */
  private async checkArgs({ kind, name, declaredAt, argsSchema, args }: TaskDefinition, problems: Problems) {
    if (kind !== 'static' || argsSchema === null) return;
    try {
      await this.schemas.admit(argsSchema, args, `Task '${name}' (${declaredAt})`);
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
      this.remember(method, definition.name);
      scheduler.add(this.handlers.create(method, definition, shared));
    }
  }

  private remember({ prototype, key }: FoundMethod, name: string): void {
    const note = (methods: Map<unknown, Set<string>>, method: unknown): unknown =>
      methods.set(method, (methods.get(method) ?? new Set()).add(name));
    note(this.byMethod, Reflect.get(prototype, key));
    for (let base: unknown = prototype; isObject(base); base = Object.getPrototypeOf(base))
      if (Object.hasOwn(base, key)) note(this.byOverridden, Reflect.get(base, key));
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What a reference that is no name points to. @throws TaskNotFoundException when it is no reference */
function methodOf(reference: unknown) {
  if (typeof reference === 'function')
    return { method: reference as unknown, label: reference.name, key: reference.name };
  const [type, key]: readonly unknown[] = Array.isArray(reference) ? reference : [];
  if (typeof type === 'function' && typeof key === 'string')
    return { method: Reflect.get(Object(type.prototype), key) as unknown, label: `${type.name}.${key}`, key };
  throw new TaskNotFoundException(
    `There is no task ${show(reference)}: give a task by its name, by its method, or as [ReportTasks, 'hello']`,
  );
}

const placeOf = ({ declaredAt, method }: FoundTask): string => `${declaredAt} (${method.module.name})`;
