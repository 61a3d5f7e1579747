import { Injectable, type Type } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { PYNCETTE_OPTIONS } from './pyncette.constants.js';

/** A module of the container, as far as we look into it. */
export type NestModule = NonNullable<ReturnType<ModulesContainer['get']>>;

/** What an entry of a module's `imports` may look like. */
const isDynamicImport = (value: unknown): value is { module: unknown } =>
  typeof value === 'object' && value !== null && 'module' in value;

/** Finds modules: those that hold ours, and the one that imports it. */
@Injectable()
export class HostModules {
  constructor(
    readonly container: ModulesContainer,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** The modules that `forRoot` made; more than one is a mistake. */
  ours(): NestModule[] {
    return [...this.container.values()].filter(({ providers }) => providers.has(PYNCETTE_OPTIONS));
  }

  /** Puts our hooks after everybody's bootstrap and before everybody's destruction. */
  makeLastToStartAndFirstToStop(): void {
    for (const ours of this.ours()) ours.distance = Number.MIN_SAFE_INTEGER;
  }

  /** The provider of a class if there is one anywhere; else it is created in the module that imports ours. */
  async provide<T extends object>(type: Type<T>): Promise<T> {
    const owner = [...this.container.values()].find(({ providers }) => providers.has(type));
    const wrapper = owner?.providers.get(type);
    if (owner === undefined || wrapper === undefined) return this.refOf(this.importer()).create(type);
    return wrapper.isDependencyTreeStatic() ? this.refOf(owner).get<T>(type, { strict: true }) : this.refOf(owner).resolve<T>(type);
  }

  refOf(module: NestModule | undefined): ModuleRef {
    const instance: unknown = module?.providers.get(ModuleRef)?.instance;
    return instance instanceof ModuleRef ? instance : this.moduleRef;
  }

  /** The module whose `imports` name ours. */
  private importer(): NestModule | undefined {
    const [ours] = this.ours();
    const isOurs = (value: unknown): boolean => (isDynamicImport(value) ? value.module : value) === ours?.metatype;
    return [...this.container.values()].find(({ metatype, dynamicMetadata }) => {
      const own: unknown = Reflect.getMetadata('imports', metatype) ?? [];
      const dynamic: unknown = dynamicMetadata?.imports ?? [];
      return [own, dynamic].some((imports) => Array.isArray(imports) && imports.some(isOurs));
    });
  }
}
