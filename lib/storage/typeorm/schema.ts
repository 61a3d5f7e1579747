import type { DataSource } from 'typeorm';
import { RepositoryException } from '../../core/errors.js';
import type { Dialect, TaskTable } from './dialects/dialect.js';
import { COLUMNS, RecordReader } from './task-columns.js';
import { type Work, query } from './statement.js';

/** The version of the table that this release writes and reads. */
export const SCHEMA_VERSION = 1;

/** Every process that creates the table takes this PostgreSQL advisory lock first. */
const CREATION_LOCK = 7_038_221;

/** The table by its names, quoted. */
export function tableOf(dialect: Dialect, tableName: string, schema: string | null): TaskTable {
  const name = dialect.quote(tableName);
  return { name: tableName, schema, sql: schema === null ? name : `${dialect.quote(schema)}.${name}` };
}

/** Where a DataSource keeps its own tables; null: wherever the connection looks first. */
export function schemaOf({ options }: Pick<DataSource, 'options'>): string | null {
  return 'schema' in options && typeof options.schema === 'string' ? options.schema : null;
}

/** The statements that create the table, harmless where it exists. */
export function creationOf(dialect: Dialect, table: TaskTable): readonly string[] {
  const columns = COLUMNS.map(
    ({ name, kind, isRequired }) => `${name} ${dialect.columnType(kind)}${isRequired ? ' NOT NULL' : ''}`,
  );
  return [
    ...dialect.createTable(table, [...columns, `version ${dialect.columnType('moment')} NOT NULL`]),
    `INSERT INTO ${table.sql} (task, instance, queue, attempt, jitter_ms, schedule, args, version) VALUES ('', '', '', 0, 0, '', '{"version":${SCHEMA_VERSION}}', 0) ${dialect.onConflictNothing}`,
  ];
}

/** Drops the table and all that is in it. */
export const dropOf = (table: TaskTable): string => `DROP TABLE ${table.sql}`;

/** Creates the table, with any number of processes doing so at once. */
export const create = (dialect: Dialect, table: TaskTable): Work<void> =>
  createAll(dialect, creationOf(dialect, table));

/** Runs statements that create something, with any number of processes doing so at once. */
export function* createAll(dialect: Dialect, statements: readonly string[]): Work<void> {
  if (dialect.name === 'PostgreSQL') yield* query(`SELECT pg_advisory_xact_lock(${CREATION_LOCK})`);
  for (const sql of statements) yield* query(sql);
}

/** The version of the table; null while another process is still creating it (MySQL does so in several transactions). */
export function* readVersion(table: TaskTable): Work<number | null> {
  const { records } = yield* query(`SELECT args FROM ${table.sql} WHERE task = '' AND instance = ''`);
  return records[0] === undefined ? null : versionIn(new RecordReader(records[0]).text('args'));
}

/** @throws RepositoryException when the table is of another release */
export function checkVersion(table: TaskTable, version: number | null): void {
  if (version === SCHEMA_VERSION) return;
  const remedy =
    (version ?? 0) > SCHEMA_VERSION
      ? 'a newer release has migrated it: update this application'
      : 'run the migrations of this release, or let it create its table (createTables)';
  throw new RepositoryException(
    `The table ${table.sql} has version ${version ?? 0}, this release needs version ${SCHEMA_VERSION}: ${remedy}`,
    { isPermanent: true },
  );
}

function versionIn(args: string): number {
  const value: unknown = JSON.parse(args);
  return typeof value === 'object' && value !== null && 'version' in value ? Number(value.version) : 0;
}
