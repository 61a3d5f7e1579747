import { Inject, Injectable, type NestInterceptor, type Type } from '@nestjs/common';
import { type ApplicationConfig, ExternalContextCreator, ModulesContainer } from '@nestjs/core';
import { isRecord } from '../core/read-option.js';
import type { Execution } from '../engine/execution.js';
import { HostModules } from './host-modules.js';
import type { PyncetteModuleOptions } from './interfaces/module-options.js';
import { PYNCETTE_CONTEXT_TYPE, PYNCETTE_OPTIONS } from './pyncette.constants.js';
import type { FoundMethod } from './pyncette.explorer.js';
import { ScopedGlobals } from './scoped-globals.js';
import {
  ROUTE_ARGS,
  TaskContextCreator,
  type TaskHost,
  TaskInterceptors,
  awaited,
} from './task-context-creator.js';
import type { TaskContext } from './task-context.js';

// Nest's names for what its decorators record.
const GUARDS = '__guards__';
const ENHANCERS = ['__interceptors__', '__pipes__', '__exceptionFilters__'];

/** Calls a task's method for one execution, with whatever is around it. */
export type Invocation = (host: TaskHost, context: TaskContext) => Promise<unknown>;

/** What Nest puts around a method: the module's interceptors, those of class and method, guards, pipes, parameters, filters. */
@Injectable()
export class Enhancers {
  /** Each call of the handler in a transaction can be undone alone: an interceptor that tries again finds nothing half done. */
  private readonly transactions = new WeakMap<object, NonNullable<Execution['transaction']>>();
  private interceptors = new TaskInterceptors(
    () => [],
    (args, handle) => this.around(args, handle),
  );
  /** Whether the module has no interceptors of its own. */
  private isBare = true;
  private readonly hasGlobals: boolean;
  private readonly hasGuards: boolean;

  constructor(
    @Inject(HostModules) private readonly modules: HostModules,
    private readonly container: ModulesContainer,
    private readonly nest: ExternalContextCreator,
    @Inject(PYNCETTE_OPTIONS) options: PyncetteModuleOptions,
  ) {
    // What is no options at all is refused with everything else that is wrong.
    this.hasGlobals = isRecord(options) && options.globalEnhancers === true;
    this.hasGuards = isRecord(options) && options.guards === true;
  }

  /** Resolves the module's interceptors, in their order; those whose scope says so for each execution. */
  async resolve(given: PyncetteModuleOptions['interceptors'] = []): Promise<void> {
    const made = await Promise.all(given.map((one) => this.made(one)));
    const single = made.filter((one) => typeof one !== 'function');
    const perExecution = ([context]: unknown[]): Promise<NestInterceptor[]> =>
      Promise.all(made.map((one) => (typeof one === 'function' ? one(context as TaskContext) : one)));
    const outermost = single.length === made.length ? () => single : perExecution;
    this.interceptors = new TaskInterceptors(outermost, (args, handle) => this.around(args, handle));
    this.isBare = made.length === 0;
  }

  private async made(one: Type<NestInterceptor> | NestInterceptor) {
    if (typeof one !== 'function') return one;
    return this.modules.scoped(one) ?? this.modules.provide(one);
  }

  /** Guards that were put on a task although they do not run. */
  areGuardsIgnored(found: FoundMethod): boolean {
    return !this.hasGuards && isMarked(GUARDS, found);
  }

  remember(context: TaskContext, transaction: Execution['transaction']): void {
    if (transaction !== null) this.transactions.set(context, transaction);
  }

  /** How a method is called; what is not used costs nothing. */
  invocationOf(found: FoundMethod): Invocation {
    if (this.isEnhanced(found)) return this.enhanced(found);
    if (!this.isBare) return (host, context) => this.intercepted(host, context);
    return (host, context) => {
      const transaction = this.transactions.get(context);
      return transaction === undefined
        ? called(host, context)
        : transaction.savepoint(() => called(host, context));
    };
  }

  private isEnhanced(found: FoundMethod): boolean {
    return (
      this.hasGlobals ||
      (this.hasGuards && isMarked(GUARDS, found)) ||
      ENHANCERS.some((name) => isMarked(name, found)) ||
      Reflect.hasMetadata(ROUTE_ARGS, found.type, found.key)
    );
  }

  /** With interceptors of the module only. */
  private async intercepted(host: TaskHost, context: TaskContext): Promise<unknown> {
    const { instance, method } = host;
    const call = (): Promise<unknown> => called(host, context);
    const args = [context];
    return awaited(
      await this.interceptors.intercept([], args, instance as never, method, call, PYNCETTE_CONTEXT_TYPE),
    );
  }

  private enhanced(found: FoundMethod): Invocation {
    const globals = this.hasGlobals ? this.globals() : null;
    const scope = { globals, guards: this.hasGuards };
    const creator = new TaskContextCreator(this.container, found.moduleKey, this.interceptors, scope);
    const scoped = globals && new ScopedGlobals(this.modules, globals, this.hasGuards);
    const isScoped = scoped?.areThere === true;
    let single: ReturnType<TaskContextCreator['enhance']> | null = null;
    return async (given, context) => {
      const host = isScoped ? await scoped.around(given, context) : given;
      const call = found.isSingle && !isScoped ? (single ??= creator.enhance(host)) : creator.enhance(host);
      try {
        return await call(context);
      } catch (error) {
        await creator.observe(host, error, [context]);
        throw error;
      }
    };
  }

  private around([context]: unknown[], handle: () => Promise<unknown>): () => Promise<unknown> {
    const transaction = typeof context === 'object' && context && this.transactions.get(context);
    return transaction ? () => transaction.savepoint(handle) : handle;
  }

  /** Where the application's global enhancers are; Nest gives it to nobody, but its own parts have it. */
  private globals(): ApplicationConfig | null {
    const part: unknown = Reflect.get(this.nest, 'interceptorsContextCreator');
    const config: unknown = typeof part === 'object' && part !== null ? Reflect.get(part, 'config') : null;
    return (config as ApplicationConfig | null | undefined) ?? null;
  }
}

/** Calls the method itself. */
function called({ instance, method }: TaskHost, context: TaskContext): Promise<unknown> {
  try {
    return Promise.resolve(method.call(instance, context)).then(awaited);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Whether class or method carry an enhancer of a kind. */
function isMarked(name: string, { type, prototype, key }: FoundMethod): boolean {
  const method: unknown = Reflect.get(prototype, key);
  return (
    Reflect.hasMetadata(name, type) || (typeof method === 'function' && Reflect.hasMetadata(name, method))
  );
}
