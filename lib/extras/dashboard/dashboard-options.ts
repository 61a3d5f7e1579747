import type {
  CanActivate,
  InjectionToken,
  ModuleMetadata,
  OptionalFactoryDependency,
  Type,
} from '@nestjs/common';
import type { JsonObject } from '../../core/json.js';

/** A guard class, resolved through the application's DI, or an instance. */
export type DashboardGuardLike = Type<CanActivate> | CanActivate;

/**
 * What is left out of the args that people see: names of properties, at any depth and in any case; or a function that
 * answers what is shown instead of an instance's args.
 */
export type DashboardRedaction = readonly string[] | ((args: JsonObject, task: string) => unknown);

/** Options of `PyncetteDashboardModule.forRoot()`. */
export interface DashboardOptions {
  /** Where the dashboard is, behind the application's global prefix if there is one. Default `'/pyncette'`. */
  path?: string;
  /**
   * Who may see it: Nest guards, which all have to agree, for the page, its files and its API. A class is the provider of that
   * token if there is one, else it is created in the module that imports this one. Required, unless `NODE_ENV` is `development`:
   * then the dashboard without guards answers under this machine's own names only. `[]`: everybody, wherever.
   */
  guards?: readonly DashboardGuardLike[];
  /** Whether everything that changes something is refused by the server, and not offered by the page. Default false. */
  readOnly?: boolean;
  /** The whole path under which browsers see the dashboard, where a reverse proxy shows it under another. Default: as requested. */
  basePath?: string;
  /** What is left out of args. Default: nothing. */
  redact?: DashboardRedaction;
}

/** Makes the dashboard's options; given to `forRootAsync` as `useClass` or `useExisting`. */
export interface DashboardOptionsFactory {
  createDashboardOptions(): Omit<DashboardOptions, 'path'> | Promise<Omit<DashboardOptions, 'path'>>;
}

/** Options of `PyncetteDashboardModule.forRootAsync()`: one of `useFactory`, `useClass` and `useExisting`. */
export interface DashboardAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Routes are made before anything is injected, so this one stands here. Default `'/pyncette'`. */
  path?: string;
  inject?: (InjectionToken | OptionalFactoryDependency)[];
  // The parameters are what `inject` names; their types are the application's own.
  useFactory?: (
    ...dependencies: never[]
  ) => Omit<DashboardOptions, 'path'> | Promise<Omit<DashboardOptions, 'path'>>;
  useClass?: Type<DashboardOptionsFactory>;
  useExisting?: Type<DashboardOptionsFactory>;
}
