import { BoundedCache } from '../../../core/schedule/bounded-cache.js';
import type { SqlPiece, SqlValue } from '../statement.js';
import type { ColumnToWrite } from './dialect.js';

// How a statement names many rows, and brings many. Each row is a list of values.

type Rows = readonly (readonly SqlValue[])[];

/** Texts of lists, of which there are as many as lists have lengths. */
const texts = new BoundedCache<string>(200);

/** `(?, …), …` */
function tuplesOf(rows: Rows): string {
  const width = rows[0]?.length ?? 0;
  return texts.get(`${rows.length} of ${width}`, () => {
    const tuple = `(${Array.from({ length: width }, () => '?').join(', ')})`;
    return rows.map(() => tuple).join(', ');
  });
}

/** `VALUES (?, …), …`, for an INSERT. */
export const values = (rows: Rows): SqlPiece => ({
  sql: `VALUES ${tuplesOf(rows)}`,
  parameters: rows.flat(),
});

/** `(task, instance) IN ((?, ?), …)` */
export const inPairs = (keys: Rows): SqlPiece => ({
  sql: `(task, instance) IN (${tuplesOf(keys)})`,
  parameters: keys.flat(),
});

/** One key only. */
export const isKey = (keys: Rows): SqlPiece => ({
  sql: 'task = ? AND instance = ?',
  parameters: keys.flat(),
});

/** Writes some columns of one row. */
export const updateOne = (table: string, columns: readonly ColumnToWrite[], rows: Rows): SqlPiece => ({
  sql: `UPDATE ${table} SET ${columns.map(({ name }) => `${name} = ?`).join(', ')} WHERE task = ? AND instance = ?`,
  parameters: rows.flatMap((row) => [...row.slice(2), ...row.slice(0, 2)]),
});

/**
 * Rows as one array for each column: planned in no time, however many they are. `types` are the columns'. Behind a SELECT of their own the
 * planner does not count them, and goes through an index for each whatever their number.
 */
export const unnested = (types: readonly string[], rows: Rows): SqlPiece => ({
  sql: `SELECT * FROM ${unnest(types)}`,
  parameters: columnsOf(types, rows),
});

/** `unnest(…)` of one array for each type. */
export const unnest = (types: readonly string[]): string =>
  `unnest(${types.map((type) => `(SELECT ?::${type}[])`).join(', ')})`;

/** Rows as one array for each column, as PostgreSQL writes them. */
export const columnsOf = (types: readonly string[], rows: Rows): string[] =>
  types.map((_, column) => arrayOf(rows.map((row) => row[column] ?? null)));

/** An array as PostgreSQL writes it. */
export const arrayOf = (values: readonly (SqlValue | boolean)[]): string =>
  `{${values.map((value) => (typeof value === 'string' ? quoted(value) : (value ?? 'NULL'))).join(',')}}`;

/** The same beside longer ones in `unnest`: where all values are NULL there is nothing to write. */
export const shortArrayOf = (values: readonly (SqlValue | boolean)[]): string =>
  values.every((value) => value === null) ? '{}' : arrayOf(values);

const quoted = (text: string): string => `"${/["\\]/.test(text) ? text.replaceAll(/["\\]/g, '\\$&') : text}"`;
