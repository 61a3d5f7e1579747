import { getDataSourceToken } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { type DurationLike, toPositiveMilliseconds } from '../core/duration.js';
import { didYouMean, isMisspelt } from '../core/did-you-mean.js';
import { RepositoryException } from '../core/errors.js';
import { isRecord, show } from '../core/read-option.js';
import type { RepositorySession, TaskRepository } from '../core/task-repository.js';
import { TypeOrmRepository } from '../storage/typeorm/typeorm.repository.js';
import { isIdentifier, noIdentifier } from './identifier.js';

/** Where the scheduler's table is, and how it comes to be. */
export interface TypeOrmTableOptions {
  /** Default `pyncette_tasks`. A plain identifier. */
  tableName?: string;
  /** The PostgreSQL schema (on MySQL: the database) that holds the table. Default: the DataSource's own. A plain identifier. */
  schema?: string;
  /** Whether the table is created at the start, by however many processes. Default true; false leaves it to the application's migrations. */
  createTables?: boolean;
  /**
   * PostgreSQL only. Whether processes wake each other by LISTEN and NOTIFY for what is scheduled nearer than a poll interval away. Takes
   * one more connection, which has to be a session of its own (not through a pooler in transaction mode). Default false: the next poll
   * finds it.
   */
  notify?: boolean;
  /** How long one piece of work with the database may take before it is given up and tried again. Default ten seconds. */
  queryTimeout?: DurationLike;
}

/** A DataSource of the application, as `TypeOrmModule.forRoot()` provides it. */
export interface ApplicationDataSource extends TypeOrmTableOptions {
  /** Its name, or the DataSource itself, initialized by the start. Default: the application's default DataSource. */
  dataSource?: string | DataSource;
}

/** Options of `typeOrmRepository()`: a DataSource of the application, or options of TypeORM to open one with. */
export type TypeOrmRepositoryOptions = ApplicationDataSource | (DataSourceOptions & TypeOrmTableOptions);

const TABLE_OPTIONS = ['tableName', 'schema', 'createTables', 'notify', 'queryTimeout'];
const OPTIONS = ['dataSource', 'type', ...TABLE_OPTIONS];
const DEFAULT_TABLE = 'pyncette_tasks';
const DEFAULT_QUERY_TIMEOUT_MS = 10_000;

/**
 * Keeps the schedule in an SQL database through TypeORM: on the application's own DataSource, or on one that it opens and owns.
 * What is wrong with the options is said when the application starts, together with everything else that is.
 *
 * @example typeOrmRepository()                                                    // the application's default DataSource
 * @example typeOrmRepository({ dataSource: 'jobs', tableName: 'schedules' })      // a named one
 * @example typeOrmRepository({ type: 'better-sqlite3', database: 'pyncette.db' }) // one of its own
 */
export function typeOrmRepository(options: TypeOrmRepositoryOptions = {}): TaskRepository {
  const problems: string[] = [];
  const {
    tableName = DEFAULT_TABLE,
    schema = null,
    createTables = true,
    queryTimeout,
    notify = false,
    ...rest
  } = readable(options, problems);
  return new TypeOrmRepository({
    source: sourceOf(rest, schema, problems),
    tableName: identifier('tableName', tableName, problems),
    schema: schema === null ? null : identifier('schema', schema, problems),
    createTables: flagOf('createTables', createTables, problems),
    queryTimeoutMs: limitOf(queryTimeout ?? DEFAULT_QUERY_TIMEOUT_MS, problems),
    isCompareAndSet: false,
    notify: flagOf('notify', notify, problems),
    problems,
  });
}

/** What is no object, an address say, may have a password in it. */
function readable(options: unknown, problems: string[]): TypeOrmRepositoryOptions {
  if (isRecord(options)) return options;
  problems.push(
    "typeOrmRepository() has to be given an object, such as { type: 'postgres', url: '…' }, or nothing for the application's DataSource",
  );
  return {};
}

function sourceOf(
  options: Omit<ApplicationDataSource, keyof TypeOrmTableOptions> | DataSourceOptions,
  schema: string | null,
  problems: string[],
) {
  const isOwn = 'type' in options;
  for (const name of Object.keys(options))
    if (isOwn ? isMisspelt(name, OPTIONS) : name !== 'dataSource')
      problems.push(`typeOrmRepository() knows no option '${name}'${didYouMean(name, OPTIONS)}`);
  // In TypeORM's own options `schema` is where all of that DataSource lives.
  if (isOwn && 'dataSource' in options && options.dataSource !== undefined)
    problems.push(
      'typeOrmRepository() is given both dataSource and type: give { dataSource } for a DataSource of the application, or the options of one of its own',
    );
  if (isOwn) return (schema === null ? options : { ...options, schema }) as DataSourceOptions;
  const { dataSource } = options;
  if (!isReference(dataSource)) problems.push(noDataSource(dataSource));
  return (session: RepositorySession): DataSource => resolve(dataSource, session);
}

/** What leads to a DataSource of the application. */
const isReference = (dataSource: unknown): boolean =>
  dataSource === undefined || typeof dataSource === 'string' || dataSource instanceof DataSource;

/** What was given may be options with a password in them. */
const noDataSource = (given: unknown): string =>
  `dataSource of typeOrmRepository() is ${show(given)}; it has to be the name of a DataSource of the application, or an initialized DataSource (of the typeorm that nestjs-pyncette loads). To open one of its own, give its options beside the others: { type: 'postgres', url: '…' }`;

function resolve(dataSource: string | DataSource | undefined, session: RepositorySession): DataSource {
  if (dataSource instanceof DataSource) return dataSource;
  const found = session.resolve?.(getDataSourceToken(dataSource));
  if (found instanceof DataSource) return found;
  throw new RepositoryException(
    `The application has no ${dataSource === undefined ? 'default DataSource' : `DataSource named '${dataSource}'`}: import TypeOrmModule.forRoot({ … }), or give typeOrmRepository() the options of a DataSource of its own, such as { type: 'better-sqlite3', database: 'pyncette.db' }`,
    { isPermanent: true },
  );
}

function identifier(option: string, value: unknown, problems: string[]): string {
  if (isIdentifier(value)) return value;
  problems.push(noIdentifier(option, value, 'typeOrmRepository()'));
  return DEFAULT_TABLE;
}

function flagOf(option: string, value: unknown, problems: string[]): boolean {
  if (typeof value === 'boolean') return value;
  problems.push(`${option} of typeOrmRepository() is ${JSON.stringify(value)}; it has to be true or false`);
  return false;
}

function limitOf(queryTimeout: DurationLike, problems: string[]): number {
  try {
    return toPositiveMilliseconds(queryTimeout);
  } catch (error) {
    problems.push(
      `queryTimeout of typeOrmRepository(): ${error instanceof Error ? error.message : String(error)}`,
    );
    return DEFAULT_QUERY_TIMEOUT_MS;
  }
}
