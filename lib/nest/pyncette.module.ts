import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { ArgsSchemas } from './args-schemas.js';
import { asyncOptions, importsOf } from './async-options.js';
import { Enhancers } from './enhancers.js';
import { Fixtures } from './fixtures.js';
import { HostModules } from './host-modules.js';
import type { PyncetteModuleAsyncOptions, PyncetteModuleOptions } from './interfaces/module-options.js';
import { isRecord } from '../core/read-option.js';
import { memoryRepository } from '../storage/memory.repository.js';
import { PYNCETTE_CLOCK, PYNCETTE_OPTIONS, PYNCETTE_REPOSITORY } from './pyncette.constants.js';
import { PyncetteExplorer } from './pyncette.explorer.js';
import { PyncetteInstrumentation } from './pyncette.instrumentation.js';
import { PyncetteRuntime } from './pyncette.runtime.js';
import { PyncetteService } from './pyncette.service.js';
import { TaskDirectory } from './task-directory.js';
import { TaskHandlerFactory } from './task-handler.factory.js';

const PROVIDERS: Provider[] = [
  {
    provide: PYNCETTE_REPOSITORY,
    inject: [PYNCETTE_OPTIONS],
    useFactory: (options: unknown) =>
      (isRecord(options) ? options['repository'] : undefined) ?? memoryRepository(),
  },
  {
    provide: PYNCETTE_CLOCK,
    inject: [PYNCETTE_OPTIONS],
    useFactory: (options: unknown) => (isRecord(options) ? options['clock'] : undefined) ?? null,
  },
  HostModules,
  PyncetteExplorer,
  Enhancers,
  ArgsSchemas,
  TaskHandlerFactory,
  TaskDirectory,
  Fixtures,
  PyncetteRuntime,
  PyncetteService,
  PyncetteInstrumentation,
];

/** Brings the scheduler into an application. Its hooks come after all others at the start, and before all others at the end. */
@Module({})
export class PyncetteModule implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(PyncetteRuntime) private readonly runtime: PyncetteRuntime,
    @Inject(PyncetteService) private readonly service: PyncetteService,
  ) {}

  /** Import it once; `PyncetteService` is injectable everywhere. */
  static forRoot(options: PyncetteModuleOptions = {}): DynamicModule {
    return dynamicModule([], [{ provide: PYNCETTE_OPTIONS, useValue: options }]);
  }

  /** The same with options that are made by a factory or by a `PyncetteOptionsFactory`: exactly one of the three. */
  static forRootAsync(options: PyncetteModuleAsyncOptions): DynamicModule {
    return dynamicModule(importsOf(options), asyncOptions(options));
  }

  async onModuleInit(): Promise<void> {
    await this.runtime.configured(this.service);
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.runtime.isEnding || !this.runtime.scheduler.settings.autoStart) return;
    await this.runtime.start(this.service);
  }

  async onModuleDestroy(): Promise<void> {
    await this.runtime.end();
  }
}

function dynamicModule(imports: NonNullable<DynamicModule['imports']>, options: Provider[]): DynamicModule {
  return {
    module: PyncetteModule,
    global: true,
    imports,
    providers: [...options, ...PROVIDERS],
    exports: [PyncetteService, PyncetteInstrumentation],
  };
}
