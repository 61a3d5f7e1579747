import type { ModuleMetadata, Provider } from '@nestjs/common';
import { InvalidTaskException } from '../core/errors.js';
import { Problems } from '../core/problems.js';
import { OptionReader, isRecord, show } from '../core/read-option.js';
import type { PyncetteModuleAsyncOptions, PyncetteOptionsFactory } from './interfaces/module-options.js';
import { PYNCETTE_OPTIONS } from './pyncette.constants.js';

const WAYS = ['useFactory', 'useClass', 'useExisting'];
const LISTS = ['imports', 'inject'];
const OWNER = 'PyncetteModule.forRootAsync()';

/** The modules to import; none where what was given is no list, which is refused with the rest. */
export function importsOf(options: PyncetteModuleAsyncOptions): NonNullable<ModuleMetadata['imports']> {
  const imports: unknown = isRecord(options) ? options['imports'] : undefined;
  return Array.isArray(imports) ? imports : [];
}

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
    useFactory: (factory: unknown) => madeBy(factory, useClass === undefined ? 'useExisting' : 'useClass'),
  };
  return useClass === undefined ? [made] : [useClass, made];
}

function madeBy(factory: unknown, way: string): unknown {
  if (isFactory(factory)) return factory.createPyncetteOptions();
  return refuse([
    `${OWNER}: ${way} has no createPyncetteOptions(): give it one that answers the options of the module`,
  ]);
}

const isFactory = (value: unknown): value is PyncetteOptionsFactory =>
  value !== undefined &&
  value !== null &&
  typeof (value as Partial<PyncetteOptionsFactory>).createPyncetteOptions === 'function';

function refuse(problems: readonly string[]): never {
  throw new InvalidTaskException(problems);
}

function problemsOf(options: unknown): readonly string[] {
  if (!isRecord(options))
    return [
      `${OWNER}: its options are ${show(options)}; they have to be an object, such as { useFactory: () => ({ … }) }`,
    ];
  const problems = new Problems();
  const reader = new OptionReader(OWNER, options, problems);
  reader.knowsOnly([...LISTS, ...WAYS]);
  for (const name of LISTS) checkList(reader, name);
  checkWays(reader);
  return problems.list;
}

function checkList(reader: OptionReader, name: string): void {
  const list = reader.get(name) ?? [];
  if (!Array.isArray(list)) reader.complain(`${name} is ${show(list)}; it has to be a list`);
}

function checkWays(reader: OptionReader): void {
  const given = WAYS.filter((way) => reader.has(way));
  if (given.length !== 1)
    reader.complain(
      `it is given ${given.length === 0 ? 'none' : given.join(' and ')} of useFactory, useClass and useExisting; it has to be given exactly one`,
    );
  const [way] = given;
  if (given.length === 1 && way !== undefined && !isWay(way, reader.get(way)))
    reader.complain(
      `${way} is ${show(reader.get(way))}; it has to be ${way === 'useFactory' ? 'a function that makes the options of the module' : 'a class with createPyncetteOptions()'}`,
    );
}

/** What exists may have any token. */
const isWay = (way: string, value: unknown): boolean =>
  way === 'useExisting' ? value !== null : typeof value === 'function';
