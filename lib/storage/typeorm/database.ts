import { DataSource, type DataSourceOptions, type EntityManager } from 'typeorm';
import { RepositoryException } from '../../core/errors.js';
import { isRecord } from '../../core/read-option.js';
import type { RepositorySession, TransactionConcurrency } from '../../core/task-repository.js';
import { CommitWatch } from './commit-watch.js';
import { PlainConnection } from './connections/plain-connection.js';
import { surviveLostConnections } from './connections/pool-errors.js';
import { ServerConnection } from './connections/server-connection.js';
import type { SqlConnection } from './connections/sql-connection.js';
import { SqliteConnection } from './connections/sqlite-connection.js';
import { driveOn } from './connections/type-orm-statements.js';
import type { Dialect } from './dialects/dialect.js';
import { mysql } from './dialects/mysql.js';
import { plain, withoutLocks } from './dialects/plain.js';
import { postgres } from './dialects/postgres.js';
import { sqlite } from './dialects/sqlite.js';
import { type SqlRepositoryOptions, ownOptions, withoutSideEffects } from './repository-options.js';
import type { Work } from './statement.js';

const DIALECTS: Partial<Record<string, Dialect>> = {
  postgres,
  mysql,
  mariadb: mysql,
  'better-sqlite3': sqlite,
};

/** Servers, to which the scheduler opens connections of its own: the application's pool may be exhausted. */
const OWN_POOL = ['postgres', 'mysql', 'mariadb'];

/** TypeORM's drivers that are no SQL databases. */
const REFUSED = ['mongodb'];

/** What pg and mysql2 take when nothing is said. */
const DEFAULT_POOL_SIZE = 10;

/** The application's database: its DataSource, and the scheduler's own way to it. */
export class Database {
  readonly commits: CommitWatch;

  private constructor(
    /** The application's, or one that was opened for the scheduler. */
    readonly dataSource: DataSource,
    readonly dialect: Dialect,
    readonly connection: SqlConnection,
    /** Opened for the scheduler, and so closed by it. */
    private readonly owned: readonly DataSource[],
  ) {
    this.commits = new CommitWatch(dataSource);
  }

  /** @throws RepositoryException when there is no DataSource, or of a kind that cannot be used */
  static async open(options: SqlRepositoryOptions, session: RepositorySession): Promise<Database> {
    const { source, queryTimeoutMs, isCompareAndSet } = options;
    const isGiven = typeof source === 'function';
    const dataSource = isGiven ? source(session) : ownDataSource(source);
    const known = dialectOf(dataSource);
    const dialect = isCompareAndSet ? withoutLocks(known) : known;
    const own = OWN_POOL.includes(dataSource.options.type)
      ? new DataSource(withoutSideEffects(dataSource.options, queryTimeoutMs))
      : null;
    const opened = [...(isGiven ? [] : [dataSource]), ...(own === null ? [] : [own])];
    try {
      for (const one of opened) await one.initialize();
      if (dialect.name === 'PostgreSQL') [dataSource, ...opened].forEach(surviveLostConnections);
      const connection = connect(own ?? dataSource, dialect, queryTimeoutMs);
      return new Database(dataSource, dialect, connection, opened);
    } catch (error) {
      await destroy(opened);
      throw error;
    }
  }

  /** One connection for everybody: its transactions keep all others from writing. */
  get isSingleConnection(): boolean {
    return this.connection instanceof SqliteConnection;
  }

  /** A transaction of the application's DataSource; on SQLite `touch` takes the lock that writers take. */
  transaction<T>(touch: () => Work<void>, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (this.connection instanceof SqliteConnection) return this.connection.exclusively(touch, work);
    return this.dataSource.transaction('READ COMMITTED', work);
  }

  /** How many executions may be in a transaction at once: of one task unless it says otherwise, and in all. */
  get transactionConcurrency(): TransactionConcurrency {
    if (this.isSingleConnection) return { perTask: 1, total: 1 };
    return { perTask: Math.max(1, Math.floor(poolSizeOf(this.dataSource) / 2)), total: null };
  }

  /** Work within the transaction of a caller. @throws RepositoryException when it is none of this database */
  join<T>(transaction: unknown, work: () => Work<T>): Promise<T> {
    const { queryRunner } = this.managerOf(transaction);
    if (queryRunner === undefined || !queryRunner.isTransactionActive) return this.connection.write(work);
    return driveOn(work(), queryRunner, this.dialect);
  }

  managerOf(transaction: unknown): EntityManager {
    if (!isManager(transaction))
      throw new RepositoryException(
        '`manager` has to be an EntityManager, as dataSource.transaction() gives it',
      );
    const { dataSource } = Reflect.has(transaction, 'dataSource')
      ? transaction
      : { dataSource: transaction.connection };
    if (dataSource !== this.dataSource)
      throw new RepositoryException(
        'The given `manager` belongs to another DataSource than the schedule: use one of the DataSource that typeOrmRepository() works on',
      );
    return transaction;
  }

  async close(): Promise<void> {
    this.commits.stop();
    await destroy(this.owned);
  }
}

async function destroy(dataSources: readonly DataSource[]): Promise<void> {
  for (const one of dataSources) if (one.isInitialized) await one.destroy();
}

function connect(dataSource: DataSource, dialect: Dialect, limitMs: number): SqlConnection {
  if (dialect === sqlite) return new SqliteConnection(dataSource, dialect, limitMs);
  return dialect.lock === null
    ? new PlainConnection(dataSource, dialect, limitMs)
    : new ServerConnection(dataSource, dialect, limitMs);
}

/** The dialect of a database by TypeORM's name for it. @throws RepositoryException when there is none */
export function dialectNamed(type: string): Dialect {
  const dialect = DIALECTS[type];
  if (dialect !== undefined) return dialect;
  throw new RepositoryException(
    `There is no SQL for '${type}' here, only for ${Object.keys(DIALECTS).join(', ')}: let the scheduler create its table (createTables)`,
    { isPermanent: true },
  );
}

function dialectOf(dataSource: DataSource): Dialect {
  const { type } = dataSource.options;
  refuseUnsupported(type);
  return DIALECTS[type] ?? plain(dataSource);
}

/** @throws RepositoryException when such a DataSource cannot be made: trying again would not help */
function ownDataSource(options: DataSourceOptions): DataSource {
  refuseUnsupported(options.type);
  try {
    return new DataSource(ownOptions(options));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RepositoryException(
      `typeOrmRepository() cannot make a DataSource of type '${options.type}': ${reason}`,
      { cause: error, isPermanent: true },
    );
  }
}

function refuseUnsupported(type: string): void {
  if (!REFUSED.includes(type)) return;
  throw new RepositoryException(
    `The scheduler cannot keep its schedule in '${type}': it needs an SQL database such as PostgreSQL, MySQL, MariaDB or SQLite; give typeOrmRepository() the DataSource of one, or leave \`repository\` out to keep the schedule in memory`,
    { isPermanent: true },
  );
}

function poolSizeOf({ options }: DataSource): number {
  const extra: unknown = options.extra;
  const given = isRecord(extra) ? (extra['max'] ?? extra['connectionLimit']) : undefined;
  const size = Number(options.poolSize ?? given ?? DEFAULT_POOL_SIZE);
  return Number.isFinite(size) ? size : DEFAULT_POOL_SIZE;
}

/** One that is in no transaction may have no `queryRunner` at all. */
const isManager = (value: unknown): value is EntityManager =>
  typeof value === 'object' &&
  value !== null &&
  'getRepository' in value &&
  ('dataSource' in value || 'connection' in value);
