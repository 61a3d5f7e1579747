import { type InjectionToken, Injectable, Scope, type Type } from '@nestjs/common';
import { ContextIdFactory, ModuleRef, ModulesContainer } from '@nestjs/core';
import { isRecord } from '../core/read-option.js';
import { importsOf, moduleIn } from './module-imports.js';
import { PYNCETTE_OPTIONS } from './pyncette.constants.js';

/** A module of the container, as far as we look into it. */
export type NestModule = NonNullable<ReturnType<ModulesContainer['get']>>;

/** Finds modules: those that hold ours, and the one that imports it. */
@Injectable()
export class HostModules {
  private importing: Promise<NestModule | undefined> | null = null;

  constructor(
    readonly container: ModulesContainer,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** The modules that `forRoot` made; more than one is a mistake. */
  ours(): NestModule[] {
    return [...this.container.values()].filter(({ providers }) => providers.has(PYNCETTE_OPTIONS));
  }

  /** Modules after those they import, as Nest starts them. */
  inDependencyOrder(): NestModule[] {
    return [...this.container.values()].sort((one, other) => other.distance - one.distance);
  }

  /** Puts our hooks after everybody's bootstrap and before everybody's destruction. */
  makeLastToStartAndFirstToStop(): void {
    for (const ours of this.ours()) ours.distance = Number.MIN_SAFE_INTEGER;
  }

  /** What any module of the application provides under a token; undefined where there is none. */
  find(token: unknown): unknown {
    try {
      return this.moduleRef.get(token as InjectionToken as string, { strict: false });
    } catch {
      return undefined;
    }
  }

  /** Whether any module provides something under a class, be it anew for each execution. */
  isProvided(type: Type<unknown>): boolean {
    return [...this.container.values()].some(({ providers }) => providers.has(type));
  }

  /** The provider of a class if there is one anywhere; else it is created in the module that imports ours. */
  async provide<T extends object>(type: Type<T>): Promise<T> {
    const owner = [...this.container.values()].find(({ providers }) => providers.has(type));
    const wrapper = owner?.providers.get(type);
    if (owner === undefined || wrapper === undefined) return this.refOf(await this.importer()).create(type);
    const ref = this.refOf(owner);
    return wrapper.isDependencyTreeStatic() ? ref.get<T>(type, { strict: true }) : ref.resolve<T>(type);
  }

  /** How a class is made anew for each execution, as `REQUEST` in it the context, where its scope says so; null: it is made once. */
  scoped<T extends object>(type: Type<T>): ((context: object) => Promise<T>) | null {
    const owner = [...this.container.values()].find(({ providers }) => providers.has(type));
    const wrapper = owner?.providers.get(type);
    const isScoped =
      wrapper === undefined ? hasScope(type) : !wrapper.isDependencyTreeStatic() || wrapper.isTransient;
    if (!isScoped) return null;
    return async (context) => {
      const ref = this.refOf(owner ?? (await this.importer()));
      const contextId = ContextIdFactory.create();
      ref.registerRequestByContextId(context, contextId);
      return wrapper === undefined
        ? ref.create(type, contextId)
        : ref.resolve(type, contextId, { strict: true });
    };
  }

  refOf(module: NestModule | undefined): ModuleRef {
    const instance: unknown = module?.providers.get(ModuleRef)?.instance;
    return instance instanceof ModuleRef ? instance : this.moduleRef;
  }

  /** The module whose own `imports` name ours; ours is global, so that all have it. */
  private importer(): Promise<NestModule | undefined> {
    this.importing ??= this.findImporter();
    return this.importing;
  }

  private async findImporter(): Promise<NestModule | undefined> {
    const [ours] = this.ours();
    for (const [token, module] of this.container)
      for (const imported of importsOf(this.moduleRef, token, module))
        if ((await moduleIn(imported)) === ours?.metatype) return module;
    return undefined;
  }
}

/** Nest's name for what `@Injectable({ scope })` records. */
const SCOPE_OPTIONS = 'scope:options';

function hasScope(type: Type<unknown>): boolean {
  const options: unknown = Reflect.getMetadata(SCOPE_OPTIONS, type);
  const scope: unknown = isRecord(options) ? options['scope'] : undefined;
  return scope === Scope.REQUEST || scope === Scope.TRANSIENT;
}
