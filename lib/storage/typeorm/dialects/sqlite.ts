import { type Dialect, type TaskTable, codeOf, limited } from './dialect.js';
import { isKey, updateOne, values } from './lists.js';

const TYPES = { name: 'text', word: 'text', text: 'text', moment: 'integer', count: 'integer' } as const;

/** SQLite through better-sqlite3: one writer at a time, so that a write transaction is the lock. */
export const sqlite: Dialect = {
  name: 'SQLite',
  // Statements cost no round trip, and the driver keeps the short ones prepared.
  rowsPerStatement: 1,
  lock: '',
  time: null,
  begin: null,
  isPrepared: false,
  quote: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
  placeholder: () => '?',
  key: (name) => name,
  columnType: (kind) => TYPES[kind],
  limited,
  keysIn: isKey,
  rows: (_kinds, rows) => values(rows),
  update: updateOne,
  onConflictNothing: 'ON CONFLICT DO NOTHING',
  onConflictLock: () => 'ON CONFLICT (task, instance) DO NOTHING RETURNING task, instance, 1 AS inserted',
  onConflictUpdate: (columns) =>
    `ON CONFLICT (task, instance) DO UPDATE SET ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  createTable: (table: TaskTable, columns) => [
    `CREATE TABLE IF NOT EXISTS ${table.sql} (${columns.join(', ')}, PRIMARY KEY (task, instance))`,
    `CREATE INDEX IF NOT EXISTS "${table.name}_due" ON ${table.sql} (queue, due_at)`,
  ],
  createHistory: (table, index, columns) => [
    `CREATE TABLE IF NOT EXISTS ${table.sql} (${columns.join(', ')}, PRIMARY KEY (task, finished_at, execution_id, attempt)) WITHOUT ROWID`,
    `CREATE INDEX IF NOT EXISTS "${index}" ON ${table.sql} (instance, task, finished_at)`,
  ],
  isMissingTable: (error) => error instanceof Error && error.message.includes('no such table'),
  isTransient: (error) => codeOf(error).startsWith('SQLITE_BUSY'),
};
