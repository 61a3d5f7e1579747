import type { SqlPiece, SqlValue } from '../statement.js';
import type { ColumnKind } from '../task-columns.js';

/** The table, quoted and qualified as the database wants it, and its parts for names of what belongs to it. */
export interface TaskTable {
  readonly sql: string;
  readonly name: string;
  readonly schema: string | null;
}

/** A column that a statement writes. */
export interface ColumnToWrite {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** What one database does differently. Everything else is the same SQL everywhere. */
export interface Dialect {
  /** For messages. */
  readonly name: string;
  /** Most rows that one statement names or writes. */
  readonly rowsPerStatement: number;
  /** Appended to a SELECT so that its rows stay as they are until the transaction ends; null: rows cannot be locked. */
  readonly lock: string | null;
  /** The database's time in epoch milliseconds, the same throughout a statement; null: this process has the same clock. */
  readonly time: string | null;

  /** Said once on each connection of the scheduler's own, before its first transaction. */
  readonly session?: string;
  /** Begins a transaction of READ COMMITTED in one statement; null: that takes more than one. */
  readonly begin: string | null;

  /** Whether the driver prepares statements under names, and answers rows as lists of values. */
  readonly isPrepared: boolean;

  quote(identifier: string): string;
  /** The placeholder of the nth parameter, from 1. */
  placeholder(number: number): string;
  /** A name as it is sent: compared byte by byte, trailing blanks too. */
  key(name: string): SqlValue;
  columnType(kind: ColumnKind): string;
  /** `expression LIMIT n` in the database's words. */
  limited(select: string, count: number): string;
  /** Condition for rows by their keys, at most `rowsPerStatement`. */
  keysIn(keys: readonly (readonly SqlValue[])[]): SqlPiece;
  /** What an INSERT inserts: rows of values of these kinds. */
  rows(kinds: readonly ColumnKind[], rows: readonly (readonly SqlValue[])[]): SqlPiece;
  /**
   * Writes some columns of rows that are there and held; each row is its task, its instance and the values of these columns. At most
   * `rowsPerStatement`.
   */
  update(table: string, columns: readonly ColumnToWrite[], rows: readonly (readonly SqlValue[])[]): SqlPiece;
  /** What follows the values of an INSERT so that rows that exist are left alone. */
  readonly onConflictNothing: string;
  /**
   * The same, but rows that exist are locked. Where the database can say so it answers `task`, `instance` and `inserted` for the
   * rows that are new.
   */
  onConflictLock(table: string): string;
  /** What follows the values of an INSERT so that rows that exist are overwritten. */
  onConflictUpdate(columns: readonly string[]): string;
  /** The statements that create table and index, each harmless where they exist. */
  createTable(table: TaskTable, columns: readonly string[]): readonly string[];
  /** The same for the history's table, whose other index is called `index`. */
  createHistory(table: TaskTable, index: string, columns: readonly string[]): readonly string[];
  isMissingTable(error: unknown): boolean;
  /** Whether the same work may be tried again at once: a deadlock, a lock that was waited for too long. */
  isTransient(error: unknown): boolean;
}

export const limited = (select: string, count: number): string => `${select} LIMIT ${count}`;

/** What a driver's error says its cause is, whichever property it says it in. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('driverError' in error && typeof error.driverError === 'object') return codeOf(error.driverError);
  return 'code' in error ? String(error.code) : '';
}
