import type { DataSource } from 'typeorm';
import type { ColumnKind } from '../task-columns.js';
import type { Dialect, TaskTable } from './dialect.js';
import { isKey, updateOne, values } from './lists.js';

/** Where the others' time can be asked for in milliseconds; elsewhere the processes' own clocks have to agree. */
const TIMES: Partial<Record<string, string>> = {
  cockroachdb: 'CAST(FLOOR(EXTRACT(EPOCH FROM statement_timestamp()) * 1000) AS bigint)',
  mssql: "DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME())",
};

/** Databases that want the standard's words for LIMIT. */
const FETCH_FIRST = ['mssql', 'oracle'];

/** The same dialect without locks: every write compares and sets. */
export const withoutLocks = (dialect: Dialect): Dialect => ({
  ...dialect,
  rowsPerStatement: 1,
  keysIn: isKey,
  lock: null,
});

/** TypeORM's other SQL drivers: plain statements, one row each, no locks. */
export function plain({ driver, options }: DataSource): Dialect {
  const typeOf = (kind: ColumnKind): string => {
    if (kind === 'moment') return driver.normalizeType({ type: 'bigint' });
    if (kind === 'count') return driver.normalizeType({ type: Number });
    if (kind === 'text') return driver.normalizeType({ type: 'simple-json' });
    return `${driver.normalizeType({ type: String })}(255)`;
  };
  return {
    name: options.type,
    rowsPerStatement: 1,
    lock: null,
    time: TIMES[options.type] ?? null,
    begin: null,
    isPrepared: false,
    quote: (identifier) => driver.escape(identifier),
    placeholder: (number) => driver.createParameter(`p${number}`, number - 1),
    key: (name) => name,
    columnType: typeOf,
    limited: (select, count) =>
      FETCH_FIRST.includes(options.type)
        ? `${select} OFFSET 0 ROWS FETCH NEXT ${count} ROWS ONLY`
        : `${select} LIMIT ${count}`,
    keysIn: isKey,
    rows: (_kinds, rows) => values(rows),
    update: updateOne,
    onConflictNothing: '',
    onConflictLock: () => '',
    onConflictUpdate: () => '',
    createTable: (table: TaskTable, columns) => [
      `CREATE TABLE ${table.sql} (${columns.join(', ')}, PRIMARY KEY (task, instance))`,
      `CREATE INDEX ${driver.escape(`${table.name}_due`)} ON ${table.sql} (queue, due_at)`,
    ],
    createHistory: (table, index, columns) => [
      `CREATE TABLE ${table.sql} (${columns.join(', ')}, PRIMARY KEY (task, finished_at, execution_id, attempt))`,
      `CREATE INDEX ${driver.escape(index)} ON ${table.sql} (instance, task, finished_at)`,
    ],
    isMissingTable: () => true,
    isTransient: () => false,
  };
}
