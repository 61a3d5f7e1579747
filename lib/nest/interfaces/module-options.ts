import type {
  InjectionToken,
  ModuleMetadata,
  NestInterceptor,
  OptionalFactoryDependency,
  Type,
} from '@nestjs/common';
import type { SchedulerOptions } from '../../core/scheduler-options.js';
import type { FixtureProvider } from './fixtures.js';

/** Options of `PyncetteModule.forRoot()`. */
export interface PyncetteModuleOptions extends SchedulerOptions {
  /** Nest interceptors around every execution, outermost first: classes (resolved through DI) or instances. Default: none. */
  interceptors?: readonly (Type<NestInterceptor> | NestInterceptor)[];
  /** Fixture classes, set up in this order before those that are discovered, torn down in reverse. */
  fixtures?: readonly Type<FixtureProvider>[];
  /** Whether the application's global interceptors, pipes and filters wrap executions too. Default false. */
  globalEnhancers?: boolean;
  /** Whether guards run: `@UseGuards` on tasks, and global ones together with `globalEnhancers`. Default false. */
  guards?: boolean;
}

/** Makes the module's options; given to `forRootAsync` as `useClass` or `useExisting`. */
export interface PyncetteOptionsFactory {
  createPyncetteOptions(): PyncetteModuleOptions | Promise<PyncetteModuleOptions>;
}

/** Options of `PyncetteModule.forRootAsync()`: one of `useFactory`, `useClass` and `useExisting`. */
export interface PyncetteModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  inject?: (InjectionToken | OptionalFactoryDependency)[];
  // The parameters are what `inject` names; their types are the application's own.
  useFactory?: (...dependencies: never[]) => PyncetteModuleOptions | Promise<PyncetteModuleOptions>;
  useClass?: Type<PyncetteOptionsFactory>;
  useExisting?: Type<PyncetteOptionsFactory>;
}
