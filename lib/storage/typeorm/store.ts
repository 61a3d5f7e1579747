import { RepositoryException } from '../../core/errors.js';
import type { RepositorySession } from '../../core/task-repository.js';
import { CompareAndSetRows } from './compare-and-set-rows.js';
import { Database } from './database.js';
import { LockingRows } from './locking-rows.js';
import type { SqlRepositoryOptions } from './repository-options.js';
import type { RowStore } from './row-store.js';
import type { TaskTable } from './dialects/dialect.js';
import { checkVersion, create, readVersion, schemaOf, tableOf } from './schema.js';
import { HistoryStatements } from './history-statements.js';
import { ListingStatements } from './listing-statements.js';
import { LookupStatements } from './lookup-statements.js';
import { ProbeStatements } from './probe-statements.js';
import { TaskStatements } from './task-statements.js';

/** The table, open: the database it is in, its statements, and how its rows are changed. */
export class Store {
  private constructor(
    readonly database: Database,
    readonly statements: TaskStatements,
    readonly probes: ProbeStatements,
    readonly lookups: LookupStatements,
    readonly listings: ListingStatements,
    readonly history: HistoryStatements,
    readonly table: TaskTable,
    readonly rows: RowStore,
  ) {}

  /** Creates the table where that is wanted. @throws RepositoryException when it cannot be used */
  static async open(options: SqlRepositoryOptions, session: RepositorySession): Promise<Store> {
    const database = await Database.open(options, session);
    try {
      const { dialect } = database;
      const table = tableOf(dialect, options.tableName, options.schema ?? schemaOf(database.dataSource));
      await prepare(database, options, table);
      const statements = new TaskStatements(dialect, table);
      const rows = dialect.lock === null ? new CompareAndSetRows(statements) : new LockingRows(statements);
      const probes = new ProbeStatements(dialect, table);
      const lookups = new LookupStatements(dialect, table);
      const listings = new ListingStatements(dialect, table);
      const history = new HistoryStatements(dialect, table);
      return new Store(database, statements, probes, lookups, listings, history, table, rows);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.database.close();
  }
}

async function prepare(
  { connection, dialect }: Database,
  { createTables }: SqlRepositoryOptions,
  table: TaskTable,
): Promise<void> {
  const read = () => connection.read(() => readVersion(table));
  const version = await read().catch((error: unknown) => {
    if (!dialect.isMissingTable(error)) throw error;
    if (!createTables) throw missing(table.sql, error);
    return null;
  });
  if (version !== null || !createTables) return checkVersion(table, version);
  await connection.write(() => create(dialect, table));
  checkVersion(table, await read());
}

const missing = (table: string, cause: unknown): RepositoryException =>
  new RepositoryException(
    `The table ${table} is not there, and createTables is false: run the migration CreatePyncetteTables, or the statements of pyncetteSql()`,
    { cause, isPermanent: true },
  );
