import type { SqlPiece, SqlValue } from '../statement.js';

// How a statement names many rows, and brings many. Each row is a list of values.

type Rows = readonly (readonly SqlValue[])[];

const tuple = (row: readonly SqlValue[]): string => `(${row.map(() => '?').join(', ')})`;

/** `VALUES (?, …), …`, for an INSERT. */
export const values = (rows: Rows): SqlPiece => ({
  sql: `VALUES ${rows.map(tuple).join(', ')}`,
  parameters: rows.flat(),
});

/** `(task, instance) IN ((?, ?), …)` */
export const inPairs = (keys: Rows): SqlPiece => ({
  sql: `(task, instance) IN (${keys.map(tuple).join(', ')})`,
  parameters: keys.flat(),
});

/** One key only. */
export const isKey = (keys: Rows): SqlPiece => ({
  sql: 'task = ? AND instance = ?',
  parameters: keys.flat(),
});

/** Rows as one array for each column: planned in no time, however many they are. `types` are the columns'. */
export const unnested = (types: readonly string[], rows: Rows): SqlPiece => ({
  sql: `SELECT * FROM unnest(${types.map((type) => `?::${type}[]`).join(', ')})`,
  parameters: types.map((_, column) => rows.map((row) => row[column] ?? null)),
});
