import type { SqlPiece, SqlValue } from '../statement.js';
import { COLUMNS } from '../task-columns.js';
import { type ColumnToWrite, type Dialect, type TaskTable, codeOf, limited } from './dialect.js';
import { inPairs, values } from './lists.js';

/**
 * Names are bytes: `utf8mb4_bin` takes `'bob'` and `'bob '` for the same, and what compares otherwise is called differently by MySQL and MariaDB.
 * 1020 bytes are 255 characters of any kind.
 */
const TYPES = {
  name: 'varbinary(1020)',
  word: 'varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  text: 'longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  moment: 'bigint',
  count: 'integer',
} as const;

const TRANSIENT = ['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD'];

/** MySQL 8 and MariaDB 10.6 and later, in the SQL that both have. */
export const mysql: Dialect = {
  name: 'MySQL or MariaDB',
  rowsPerStatement: 500,
  lock: 'FOR UPDATE',
  // Not UNIX_TIMESTAMP(NOW()): that goes through the session's time zone and is wrong for an hour each autumn.
  time: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000",
  session: 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  begin: 'START TRANSACTION',
  isPrepared: false,
  quote: (identifier) => `\`${identifier.replaceAll('`', '``')}\``,
  placeholder: () => '?',
  key: (name) => Buffer.from(name, 'utf8'),
  columnType: (kind) => TYPES[kind],
  limited,
  keysIn: inPairs,
  rows: (_kinds, rows) => values(rows),
  update,
  onConflictNothing: 'ON DUPLICATE KEY UPDATE task = task',
  onConflictLock: () => 'ON DUPLICATE KEY UPDATE version = version',
  onConflictUpdate: (columns) =>
    `ON DUPLICATE KEY UPDATE ${columns.map((name) => `${name} = VALUES(${name})`).join(', ')}`,
  createTable: (table: TaskTable, columns) => [
    `CREATE TABLE IF NOT EXISTS ${table.sql} (${columns.join(', ')}, PRIMARY KEY (task, instance), KEY \`${table.name}_due\` (queue, due_at)) ENGINE = InnoDB`,
  ],
  createHistory: (table, index, columns) => [
    `CREATE TABLE IF NOT EXISTS ${table.sql} (${columns.join(', ')}, PRIMARY KEY (task, finished_at, execution_id, attempt), KEY \`${index}\` (instance, task, finished_at)) ENGINE = InnoDB`,
  ],
  isMissingTable: (error) => codeOf(error) === 'ER_NO_SUCH_TABLE',
  isTransient: (error) => TRANSIENT.includes(codeOf(error)),
};

/** What an INSERT has to say of columns that it does not mean. The row is there and held, so that none of it is ever stored. */
export const UNSAID = [
  ...COLUMNS.filter(({ name, isRequired }) => isRequired && !['task', 'instance'].includes(name)),
  { name: 'version' },
];

/** An INSERT that finds its rows there: faster than an UPDATE joined with a list. */
function update(
  table: string,
  columns: readonly ColumnToWrite[],
  rows: readonly (readonly SqlValue[])[],
): SqlPiece {
  const names = columns.map(({ name }) => name);
  const unsaid = UNSAID.filter(({ name }) => !names.includes(name)).map(({ name }) => name);
  const { sql, parameters } = values(rows.map((row) => [...row, ...unsaid.map(() => 0)]));
  return {
    sql: `INSERT INTO ${table} (${['task', 'instance', ...names, ...unsaid].join(', ')}) ${sql} ${mysql.onConflictUpdate(names)}`,
    parameters,
  };
}
