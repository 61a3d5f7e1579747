import { RepositoryException } from '../../core/errors.js';
import type { RepositorySession } from '../../core/task-repository.js';
import { CompareAndSetRows } from './compare-and-set-rows.js';
import { Database } from './database.js';
import { LockingRows } from './locking-rows.js';
import type { SqlRepositoryOptions } from './repository-options.js';
import { PostgresNewRows } from './new-rows-postgres.js';
import { PostgresQuickSettlements } from './quick-settlements-postgres.js';
import { SqliteQuickSettlements } from './quick-settlements-sqlite.js';
import { MysqlQuickSettlements } from './quick-settlements-mysql.js';
import type { QuickSettlements } from './quick-settlements.js';
import { Settlements } from './settlements.js';
import type { RowStore } from './row-store.js';
import type { Dialect, TaskTable } from './dialects/dialect.js';
import { mysql } from './dialects/mysql.js';
import { postgres } from './dialects/postgres.js';
import { sqlite } from './dialects/sqlite.js';
import { PostgresDueRows } from './due-rows-postgres.js';
import { SqliteDueRows } from './due-rows-sqlite.js';
import type { DueRows } from './due-rows.js';
import { MysqlDueRows } from './due-rows-mysql.js';
import type { Claiming } from './claiming.js';
import { DirectClaims } from './direct-claims.js';
import { PickedClaims } from './picked-claims.js';
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
    readonly claims: Claiming,
    readonly settlements: Settlements,
    /** null: rows are inserted as everywhere. */
    readonly newRows: PostgresNewRows | null,
  ) {}

  /** Creates the table where that is wanted. @throws RepositoryException when it cannot be used */
  static async open(options: SqlRepositoryOptions, session: RepositorySession): Promise<Store> {
    const database = await Database.open(options, session);
    try {
      const { dialect } = database;
      const table = tableOf(dialect, options.tableName, options.schema ?? schemaOf(database.dataSource));
      await prepare(database, options, table);
      const statements = new TaskStatements(dialect, table);
      const history = new HistoryStatements(dialect, table);
      const quick = quickSettlementsOf(dialect, table, history.table);
      const locking = dialect.lock === null ? null : new LockingRows(statements);
      const due = dueRowsOf(dialect, table);
      const rows = locking ?? new CompareAndSetRows(statements);
      return new Store(
        database,
        statements,
        new ProbeStatements(dialect, table),
        new LookupStatements(dialect, table),
        new ListingStatements(dialect, table),
        history,
        table,
        rows,
        locking && due ? new DirectClaims(due, locking) : new PickedClaims(),
        new Settlements(database.connection, rows, quick),
        dialect === postgres ? new PostgresNewRows(table) : null,
      );
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.database.close();
  }
}

/** How what is due is found and leased in one; null: rows have to be named first. */
function dueRowsOf(dialect: Dialect, table: TaskTable): DueRows | null {
  if (dialect === postgres) return new PostgresDueRows(table);
  if (dialect === mysql) return new MysqlDueRows(table);
  return dialect === sqlite ? new SqliteDueRows(table) : null;
}

function quickSettlementsOf(dialect: Dialect, table: TaskTable, history: string): QuickSettlements | null {
  if (dialect === postgres) return new PostgresQuickSettlements(table, history);
  if (dialect === mysql) return new MysqlQuickSettlements(table);
  return dialect === sqlite ? new SqliteQuickSettlements(table) : null;
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
