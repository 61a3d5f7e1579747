import {
  Inject,
  Injectable,
  type InjectionToken,
  Optional,
  type OptionalFactoryDependency,
} from '@nestjs/common';
import { ContextIdFactory } from '@nestjs/core';
import type { RawTask } from '../core/define-task.js';
import type { Problems } from '../core/problems.js';
import { type RawOptions, isRecord } from '../core/read-option.js';
import { decoratedKeys, fixtureNameOf, heartbeatOf, tasksOf } from './decorators/task-metadata.js';
import { HostModules, type NestModule } from './host-modules.js';
import type { TaskHost } from './task-context-creator.js';
import type { TaskContext } from './task-context.js';

/** A method of a provider or controller that carries one of our decorators. */
export interface FoundMethod {
  readonly prototype: object;
  readonly key: string;
  readonly type: new (...parameters: never[]) => object;
  readonly module: NestModule;
  /** Of the module, in Nest's container. */
  readonly moduleKey: string;
  /** Whether all executions have the same host. */
  readonly isSingle: boolean;
  /** What to call it on; of a request-scoped or transient provider, an instance for each execution. */
  host(context: TaskContext | null): TaskHost | Promise<TaskHost>;
}

/** A task as it was found. */
export interface FoundTask extends RawTask {
  readonly method: FoundMethod;
}

type Wrapper = ReturnType<NestModule['providers']['get']> & object;

/** Finds what is decorated, on all providers and controllers. */
@Injectable()
export class PyncetteExplorer {
  private readonly seen = new Set<string>();
  private readonly instances = new WeakSet<object>();

  constructor(@Inject(HostModules) private readonly modules: HostModules) {}

  /** Methods that were not answered before. */
  methods(): FoundMethod[] {
    const found: FoundMethod[] = [];
    const modules = [...this.modules.container.entries()].sort(
      ([, one], [, other]) => other.distance - one.distance,
    );
    for (const [moduleKey, module] of modules)
      for (const wrapper of [...module.providers.values(), ...module.controllers.values()])
        found.push(...this.methodsOf(moduleKey, module, wrapper));
    return found;
  }

  /** The tasks that a method's decorators declare, their options made where a factory makes them. */
  async tasksOf(method: FoundMethod, problems: Problems): Promise<FoundTask[]> {
    const { prototype, key, type } = method;
    const recorded = tasksOf(prototype, key);
    const found: FoundTask[] = [];
    const declaredAt = `${type.name}.${key}`;
    for (const { kind, options } of recorded) {
      const raw = await this.made(method, options, problems, declaredAt);
      if (raw === null) continue;
      const given = isRecord(options) ? options['name'] : undefined;
      if (given === undefined && recorded.length > 1)
        problems.add(
          `Task '${key}' (${declaredAt}): the method carries several decorators, so each needs a name of its own`,
        );
      if (given !== undefined && typeof given !== 'string')
        problems.add(`Task '${key}' (${declaredAt}): its name has to be a string`);
      const name = typeof given === 'string' ? given : key;
      found.push({ kind, name, options: raw, heartbeat: heartbeatOf(prototype, key), declaredAt, method });
    }
    return found;
  }

  private methodsOf(moduleKey: string, module: NestModule, wrapper: Wrapper): FoundMethod[] {
    const { metatype, isNotMetatype } = wrapper;
    const instance: unknown = wrapper.instance;
    const isStatic = wrapper.isDependencyTreeStatic() && !wrapper.isTransient;
    const single = isStatic && typeof instance === 'object' ? instance : null;
    if (isStatic && single === null) return [];
    const prototype: unknown = isStatic
      ? Object.getPrototypeOf(single)
      : !isNotMetatype && typeof metatype === 'function'
        ? metatype.prototype
        : null;
    if (typeof prototype !== 'object' || prototype === null || !this.isNew(wrapper, single)) return [];
    const type = prototype.constructor as FoundMethod['type'];
    return decoratedKeys(prototype).map((key) => ({
      prototype,
      key,
      type,
      module,
      moduleKey,
      isSingle: single !== null,
      host: (context) =>
        single === null
          ? this.resolved(module, wrapper, key, context)
          : hostOf(single, key, undefined, undefined),
    }));
  }

  private isNew(wrapper: Wrapper, instance: object | null): boolean {
    if (this.seen.has(wrapper.id) || (instance !== null && this.instances.has(instance))) return false;
    this.seen.add(wrapper.id);
    if (instance !== null) this.instances.add(instance);
    return true;
  }

  private async resolved(
    module: NestModule,
    wrapper: Wrapper,
    key: string,
    context: TaskContext | null,
  ): Promise<TaskHost> {
    const ref = this.modules.refOf(module);
    const isDurable = context !== null && !wrapper.isTransient && wrapper.isDependencyTreeDurable();
    const contextId = isDurable ? ContextIdFactory.getByRequest(context) : ContextIdFactory.create();
    ref.registerRequestByContextId(context, contextId);
    const instance = await ref.resolve<object>(wrapper.token, contextId, { strict: true });
    return hostOf(instance, key, contextId, wrapper.id);
  }

  /** Null: there are none, which is a problem already. */
  private async made(
    method: FoundMethod,
    options: unknown,
    problems: Problems,
    declaredAt: string,
  ): Promise<RawOptions | null> {
    if (!isRecord(options)) {
      problems.add(`Task '${method.key}' (${declaredAt}): its options have to be an object`);
      return null;
    }
    const { useFactory, inject, name, ...rest } = options;
    if (typeof useFactory !== 'function') return options;
    try {
      const made: unknown = await useFactory(
        ...(await this.dependencies(method.module, Array.isArray(inject) ? inject : [])),
      );
      if (isRecord(made) && made['name'] !== undefined)
        problems.add(
          `Task '${String(name ?? method.key)}' (${declaredAt}): its name has to stand beside useFactory, not in what that makes`,
        );
      return { ...(isRecord(made) ? made : {}), ...rest, ...(name === undefined ? {} : { name }) };
    } catch (error) {
      problems.add(
        `Task '${String(name ?? method.key)}' (${declaredAt}): its useFactory failed: ${String(error)}`,
      );
      return null;
    }
  }

  /** Resolves tokens exactly as a provider of that module would have them injected. */
  private async dependencies(
    module: NestModule,
    inject: readonly (InjectionToken | OptionalFactoryDependency)[],
  ): Promise<unknown[]> {
    class Holder {
      readonly values: unknown[];
      constructor(...values: unknown[]) {
        this.values = values;
      }
    }
    Reflect.defineMetadata(
      'design:paramtypes',
      inject.map(() => Object),
      Holder,
    );
    inject.forEach((given, index) => {
      const token =
        typeof given === 'object' && given !== null && 'token' in given
          ? given.token
          : (given as InjectionToken);
      Inject(token)(Holder, undefined, index);
      if (isOptional(given)) Optional()(Holder, undefined, index);
    });
    return (await this.modules.refOf(module).create(Holder)).values;
  }
}

const isOptional = (given: unknown): boolean => isRecord(given) && given['optional'] === true;

/** The name a found method or class gives to a fixture. */
export const fixtureName = (target: object, key?: string): string | null => {
  const name = fixtureNameOf(target, key);
  return typeof name === 'string' ? name : null;
};

function hostOf(
  instance: object,
  key: string,
  contextId: TaskHost['contextId'],
  inquirerId: string | undefined,
): TaskHost {
  const method: unknown = Reflect.get(instance, key);
  if (typeof method !== 'function') throw new TypeError(`${instance.constructor.name}.${key} is no method`);
  return { instance, key, method: method as TaskHost['method'], contextId, inquirerId };
}
