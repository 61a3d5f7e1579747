import type { Provider } from '@nestjs/common';
import { InvalidTaskException } from '../core/errors.js';
import { Problems } from '../core/problems.js';
import { OptionReader } from '../core/read-option.js';
import type { PyncetteModuleAsyncOptions, PyncetteOptionsFactory } from './interfaces/module-options.js';
import { PYNCETTE_OPTIONS } from './pyncette.constants.js';

const WAYS = ['useFactory', 'useClass', 'useExisting'];

/** What provides the module's options; the application's start fails where nothing can, for without any the schedule would be in memory. */
export function asyncOptions(options: PyncetteModuleAsyncOptions): Provider[] {
  const problems = problemsOf(options);
  if (problems.length > 0) return [{ provide: PYNCETTE_OPTIONS, useFactory: () => refuse(problems) }];
  const { inject = [], useFactory, useClass, useExisting } = options;
  if (useFactory !== undefined)
    return [
      {
        provide: PYNCETTE_OPTIONS,
        inject,
        useFactory: useFactory as (...dependencies: unknown[]) => unknown,
      },
    ];
  const token = useExisting ?? useClass;
  if (token === undefined) return [];
  const made = {
    provide: PYNCETTE_OPTIONS,
    inject: [token],
    useFactory: (factory: PyncetteOptionsFactory) => factory.createPyncetteOptions(),
  };
  return useClass === undefined ? [made] : [useClass, made];
}

function refuse(problems: readonly string[]): never {
  throw new InvalidTaskException(problems);
}

function problemsOf(options: PyncetteModuleAsyncOptions): readonly string[] {
  const problems = new Problems();
  const reader = new OptionReader('PyncetteModule.forRootAsync()', { ...options }, problems);
  reader.knowsOnly(['imports', 'inject', ...WAYS]);
  const given = WAYS.filter((way) => reader.has(way));
  if (given.length !== 1)
    reader.complain(
      `it is given ${given.length === 0 ? 'none' : given.join(' and ')} of useFactory, useClass and useExisting; it has to be given exactly one`,
    );
  return problems.list;
}
