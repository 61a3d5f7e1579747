import { type ColumnToWrite, type Dialect, type TaskTable, codeOf, limited } from './dialect.js';
import type { SqlPiece, SqlValue } from '../statement.js';
import { columnsOf, unnest, unnested } from './lists.js';

const TYPES = {
  name: 'text COLLATE "C"',
  word: 'text',
  text: 'text',
  moment: 'bigint',
  count: 'integer',
} as const;

/** Of values of these kinds: the same without the collation, which arrays have not. */
export const POSTGRES_TYPES = { ...TYPES, name: 'text' } as const;

/** serialization_failure, deadlock_detected, lock_not_available */
const TRANSIENT = ['40001', '40P01', '55P03'];

/** PostgreSQL. */
export const postgres: Dialect = {
  name: 'PostgreSQL',
  rowsPerStatement: 500,
  lock: 'FOR UPDATE',
  time: 'CAST(FLOOR(EXTRACT(EPOCH FROM statement_timestamp()) * 1000) AS bigint)',
  begin: 'BEGIN ISOLATION LEVEL READ COMMITTED',
  isPrepared: true,
  quote: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
  placeholder: (number) => `$${number}`,
  key: (name) => name,
  columnType: (kind) => TYPES[kind],
  limited,
  keysIn,
  rows: (kinds, rows) =>
    unnested(
      kinds.map((kind) => POSTGRES_TYPES[kind]),
      rows,
    ),
  update,
  onConflictNothing: 'ON CONFLICT DO NOTHING',
  onConflictLock: (table) =>
    `ON CONFLICT (task, instance) DO UPDATE SET version = ${table}.version RETURNING task, instance, (xmax = 0) AS inserted`,
  onConflictUpdate: (columns) =>
    `ON CONFLICT (task, instance) DO UPDATE SET ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  createTable,
  createHistory: (table, index, columns) => [
    `CREATE TABLE IF NOT EXISTS ${table.sql} (${columns.join(', ')}, PRIMARY KEY (task, finished_at, execution_id, attempt)) WITH (autovacuum_vacuum_scale_factor = 0.02)`,
    `CREATE INDEX IF NOT EXISTS "${index}" ON ${table.sql} (instance, task, finished_at)`,
  ],
  isMissingTable: (error) => codeOf(error) === '42P01',
  isTransient: (error) => TRANSIENT.includes(codeOf(error)),
};

/** A list of pairs would be planned pair by pair: 500 of them took 50 ms and more, as two arrays they take 4. */
function keysIn(keys: readonly (readonly SqlValue[])[]): SqlPiece {
  const { sql, parameters } = unnested(['text', 'text'], keys);
  return { sql: `(task, instance) IN (${sql})`, parameters };
}

function update(
  table: string,
  columns: readonly ColumnToWrite[],
  rows: readonly (readonly SqlValue[])[],
): SqlPiece {
  const names = columns.map(({ name }) => name);
  const types = ['text', 'text', ...columns.map(({ kind }) => POSTGRES_TYPES[kind])];
  return {
    sql: `UPDATE ${table} t SET ${names.map((name) => `${name} = n.${name}`).join(', ')} FROM ${unnest(types)} AS n (task, instance, ${names.join(', ')}) WHERE t.task = n.task AND t.instance = n.instance`,
    parameters: columnsOf(types, rows),
  };
}

/** Heap-only updates need room on the page; the lease's columns stand in no index. */
function createTable(table: TaskTable, columns: readonly string[]): readonly string[] {
  return [
    ...(table.schema === null ? [] : [createSchema(table.schema)]),
    `CREATE TABLE IF NOT EXISTS ${table.sql} (${columns.join(', ')}, PRIMARY KEY (task, instance)) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02)`,
    `CREATE INDEX IF NOT EXISTS "${table.name}_due" ON ${table.sql} (queue, due_at)`,
  ];
}

/** Not `IF NOT EXISTS`: that asks for the right to create schemas even where the schema is there. */
function createSchema(schema: string): string {
  const literal = `'${schema.replaceAll("'", "''")}'`;
  return `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = ${literal}) THEN EXECUTE format('CREATE SCHEMA %I', ${literal}); END IF; END $$`;
}
