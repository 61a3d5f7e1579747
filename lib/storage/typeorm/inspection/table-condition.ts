import type { Dialect, TaskTable } from '../dialects/dialect.js';
import { type SqlRecord, type Work, query } from '../statement.js';
import { RecordReader } from '../task-columns.js';

/** What the index has to be on, without it every poll reads the table from end to end. */
const INDEXED = 'queue,due_at';

/** What a database knows of the table and nobody else does; null: it keeps no such thing. */
export interface TableCondition {
  readonly hasIndex: boolean;
  /** SQLite: `wal`, `delete`, … */
  readonly journalMode: string | null;
  /** MySQL and MariaDB: `InnoDB`, … */
  readonly engine: string | null;
  readonly vacuum: VacuumCondition | null;
}

/** What PostgreSQL knows of the rows that updates have left behind. */
export interface VacuumCondition {
  readonly isAutomatic: boolean;
  readonly liveRows: number;
  readonly deadRows: number;
  /** When it was last cleaned, by whomever; null: never. */
  readonly cleanedAt: number | null;
}

export function conditionOf(dialect: Dialect, table: TaskTable): Work<TableCondition> {
  if (dialect.name === 'PostgreSQL') return postgresCondition(table);
  return dialect.name === 'SQLite' ? sqliteCondition(table) : mysqlCondition(table);
}

const NOTHING: Omit<TableCondition, 'hasIndex'> = { journalMode: null, engine: null, vacuum: null };

function* sqliteCondition(table: TaskTable): Work<TableCondition> {
  const mode = yield* query('PRAGMA journal_mode');
  const indexes = yield* query(
    "SELECT sql AS columns FROM sqlite_master WHERE type = 'index' AND tbl_name = ?",
    [table.name],
  );
  return {
    ...NOTHING,
    hasIndex: indexes.records.some(isIndexed),
    journalMode: new RecordReader(mode.records[0] ?? {}).textOrNull('journal_mode'),
  };
}

function* mysqlCondition({ name, schema }: TaskTable): Work<TableCondition> {
  const where = 'table_schema = COALESCE(?, DATABASE()) AND table_name = ?';
  const indexes = yield* query(
    `SELECT GROUP_CONCAT(column_name ORDER BY seq_in_index) AS columns FROM information_schema.statistics WHERE ${where} GROUP BY index_name`,
    [schema, name],
  );
  const tables = yield* query(`SELECT engine AS engine FROM information_schema.tables WHERE ${where}`, [
    schema,
    name,
  ]);
  return {
    ...NOTHING,
    hasIndex: indexes.records.some(isIndexed),
    engine: new RecordReader(tables.records[0] ?? {}).textOrNull('engine'),
  };
}

function* postgresCondition({ sql }: TaskTable): Work<TableCondition> {
  const indexes = yield* query(
    'SELECT pg_get_indexdef(indexrelid) AS columns FROM pg_index WHERE indrelid = to_regclass(?) AND indisvalid',
    [sql],
  );
  const { records } = yield* query(
    `SELECT s.n_live_tup AS live, s.n_dead_tup AS dead,
      CAST(EXTRACT(EPOCH FROM GREATEST(s.last_vacuum, s.last_autovacuum)) * 1000 AS bigint) AS cleaned_at,
      CASE WHEN current_setting('autovacuum') = 'on' AND NOT COALESCE('autovacuum_enabled=false' = ANY (c.reloptions) OR 'autovacuum_enabled=off' = ANY (c.reloptions), FALSE) THEN 1 ELSE 0 END AS automatic
      FROM pg_class c JOIN pg_stat_all_tables s ON s.relid = c.oid WHERE c.oid = to_regclass(?)`,
    [sql],
  );
  return { ...NOTHING, hasIndex: indexes.records.some(isIndexed), vacuum: vacuumOf(records[0]) };
}

function vacuumOf(record: SqlRecord | undefined): VacuumCondition | null {
  if (record === undefined) return null;
  const read = new RecordReader(record);
  return {
    isAutomatic: read.number('automatic') === 1,
    liveRows: read.number('live'),
    deadRows: read.number('dead'),
    cleanedAt: read.numberOrNull('cleaned_at'),
  };
}

function isIndexed(record: SqlRecord): boolean {
  const columns = new RecordReader(record).textOrNull('columns') ?? '';
  return columns.replaceAll(/["`\s]/g, '').includes(INDEXED);
}
