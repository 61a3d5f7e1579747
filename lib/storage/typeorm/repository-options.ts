import type { DataSource, DataSourceOptions } from 'typeorm';
import type { RepositorySession } from '../../core/task-repository.js';

/** How many connections of its own the scheduler uses on a server. */
export const OWN_CONNECTIONS = 2;

/** Where the table is and how it is reached. */
export interface SqlRepositoryOptions {
  /** The application's DataSource, looked up when the scheduler is opened; or options to open one with. */
  readonly source: ((session: RepositorySession) => DataSource) | DataSourceOptions;
  readonly tableName: string;
  readonly schema: string | null;
  readonly createTables: boolean;
  /** How long one piece of work with the database may take. */
  readonly queryTimeoutMs: number;
  /** Compare and set even where rows can be locked; how the dialect for other databases is shown to work. */
  readonly isCompareAndSet: boolean;
  /** Whether processes wake each other (PostgreSQL). */
  readonly notify?: boolean;
  /** What is wrong with what the application gave; said at its start. */
  readonly problems: readonly string[];
}

/** A DataSource of the scheduler's own. An SQLite file of its own is read and written at once, which its journal decides. */
export const ownOptions = (options: DataSourceOptions): DataSourceOptions =>
  options.type === 'better-sqlite3' ? { enableWAL: options.database !== ':memory:', ...options } : options;

/** The same for the one connection that listens to other processes. */
export const listeningOptions = (options: DataSourceOptions, limitMs: number): DataSourceOptions => {
  const quiet = withoutSideEffects(options, limitMs);
  return {
    ...quiet,
    poolSize: 1,
    extra: { ...(quiet.extra as object | undefined), max: 1 },
  } as DataSourceOptions;
};

/** The same database, but nothing that an application lets its DataSource do to it. */
export function withoutSideEffects(options: DataSourceOptions, limitMs: number): DataSourceOptions {
  const pool =
    options.type === 'postgres'
      ? { max: OWN_CONNECTIONS, connectionTimeoutMillis: limitMs }
      : { connectionLimit: OWN_CONNECTIONS };
  return {
    ...options,
    entities: [],
    subscribers: [],
    migrations: [],
    synchronize: false,
    dropSchema: false,
    migrationsRun: false,
    cache: false,
    logging: false,
    poolSize: OWN_CONNECTIONS,
    extra: { ...(options.extra as object | undefined), ...pool },
  } as DataSourceOptions;
}
