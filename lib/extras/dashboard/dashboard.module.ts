import {
  Controller,
  type DynamicModule,
  Module,
  type Provider,
  type Type,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { fileURLToPath } from 'node:url';
import { SystemClock } from '../../core/clock.js';
import { DashboardActions } from './dashboard-actions.js';
import { DashboardController } from './dashboard.controller.js';
import { DashboardGuard } from './dashboard.guard.js';
import { DashboardGuards } from './dashboard-guards.js';
import type {
  DashboardAsyncOptions,
  DashboardOptions,
  DashboardOptionsFactory,
} from './dashboard-options.js';
import { DashboardQueries } from './dashboard-queries.js';
import { dashboardPath, dashboardSettings } from './dashboard-settings.js';
import { DASHBOARD_OPTIONS, DASHBOARD_SETTINGS, PAGE_FOLDER, STREAM_CLOCK } from './dashboard.constants.js';
import { DashboardTime } from './live/dashboard-time.js';
import { EventStreams } from './live/event-streams.js';
import { LiveFeed } from './live/live-feed.js';
import { PageFiles } from './page-files.js';

const PROVIDERS: Provider[] = [
  {
    provide: DASHBOARD_SETTINGS,
    inject: [DASHBOARD_OPTIONS],
    useFactory: (options: unknown) => dashboardSettings(options, process.env['NODE_ENV']),
  },
  { provide: PAGE_FOLDER, useFactory: () => fileURLToPath(new URL('./page/', import.meta.url)) },
  { provide: STREAM_CLOCK, useFactory: () => new SystemClock() },
  PageFiles,
  DashboardTime,
  LiveFeed,
  EventStreams,
  DashboardGuards,
  DashboardGuard,
  DashboardQueries,
  DashboardActions,
];

/** A page that shows what the scheduler does, and lets people trigger, pause, resume and unschedule. Express and Fastify. */
@Module({})
export class PyncetteDashboardModule {
  /**
   * Import it beside `PyncetteModule`.
   *
   * @throws InvalidTaskException when the application is created, if the options are wrong, or if nobody says who may see it
   */
  static forRoot(options: DashboardOptions = {}): DynamicModule {
    return dynamicModule(options.path, [], [{ provide: DASHBOARD_OPTIONS, useValue: options }]);
  }

  /** The same with options that are made by a factory or by a `DashboardOptionsFactory`; `path` stands beside them. */
  static forRootAsync(options: DashboardAsyncOptions): DynamicModule {
    return dynamicModule(options.path, options.imports ?? [], asyncOptions(options));
  }
}

function dynamicModule(
  path: string | undefined,
  imports: NonNullable<DynamicModule['imports']>,
  options: Provider[],
): DynamicModule {
  return {
    module: PyncetteDashboardModule,
    imports,
    controllers: [controllerAt(dashboardPath(path))],
    providers: [...options, ...PROVIDERS],
  };
}

/** Each dashboard has a class of its own, for a route is part of a class. It has no version, however the application is versioned. */
function controllerAt(path: string): Type<DashboardController> {
  class PyncetteDashboardController extends DashboardController {}
  Controller({ path, version: VERSION_NEUTRAL })(PyncetteDashboardController);
  return PyncetteDashboardController;
}

function asyncOptions({ inject = [], useFactory, useClass, useExisting }: DashboardAsyncOptions): Provider[] {
  if (useFactory !== undefined)
    return [
      {
        provide: DASHBOARD_OPTIONS,
        inject,
        useFactory: useFactory as (...dependencies: unknown[]) => unknown,
      },
    ];
  const token = useExisting ?? useClass;
  if (token === undefined) return [{ provide: DASHBOARD_OPTIONS, useValue: {} }];
  const made: Provider = {
    provide: DASHBOARD_OPTIONS,
    inject: [token],
    useFactory: (factory: DashboardOptionsFactory) => factory.createDashboardOptions(),
  };
  return useClass === undefined ? [made] : [useClass, made];
}
