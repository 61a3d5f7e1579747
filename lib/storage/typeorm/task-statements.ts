import type { RowKey, TaskRow } from '../../core/task-row.js';
import { partsOf } from '../parts.js';
import type { Dialect, TaskTable } from './dialects/dialect.js';
import { type SqlPiece, type SqlRecord, type SqlValue, type Work, query } from './statement.js';
import type { RowUpdate } from './row-store.js';
import { COLUMNS, RecordReader, type TaskColumn, decodeRow, keyOf } from './task-columns.js';

/** The task under which the table keeps what is no instance: paused templates by name, and its own version under `''`. */
export const CONTROL = '';

/** The row that says of which version the table is. */
const VERSION_KEY: RowKey = { task: CONTROL, instance: '' };

/** A row as it was read, and how often it had been written then. */
export interface VersionedRow {
  readonly row: TaskRow;
  readonly version: number;
}

const CHANGEABLE_COLUMNS = COLUMNS.filter(({ name }) => name !== 'task' && name !== 'instance');
const CHANGEABLE = CHANGEABLE_COLUMNS.map(({ name }) => name);

/** The statements that read and write rows by their keys, each as work to be run. */
export class TaskStatements {
  private readonly table: string;

  constructor(
    private readonly dialect: Dialect,
    table: TaskTable,
  ) {
    this.table = table.sql;
  }

  /** The rows of some keys, locked until the transaction ends where the dialect can. */
  *lock(keys: readonly RowKey[]): Work<TaskRow[]> {
    return yield* this.select(keys, this.dialect.lock ?? '');
  }

  *find(keys: readonly RowKey[]): Work<TaskRow[]> {
    return yield* this.select(keys, '');
  }

  /** Rows with the number of times each was written, for compare-and-set. */
  *findVersioned(keys: readonly RowKey[]): Work<readonly VersionedRow[]> {
    const records = yield* this.selectRecords(keys, '');
    return records.map((record) => ({
      row: decodeRow(record),
      version: new RecordReader(record).number('version'),
    }));
  }

  /** Writes a row if nobody else has written it since; answers whether it did. */
  *saveIf(row: TaskRow, version: number): Work<boolean> {
    const assignments = [...CHANGEABLE, 'version'].map((name) => `${name} = ?`).join(', ');
    const { affected } = yield* query(
      `UPDATE ${this.table} SET ${assignments} WHERE task = ? AND instance = ? AND version = ?`,
      [...this.encode(row).slice(2), version + 1, ...this.key(row), version],
    );
    return affected === 1;
  }

  *deleteIf(row: TaskRow, version: number): Work<boolean> {
    const { affected } = yield* query(
      `DELETE FROM ${this.table} WHERE task = ? AND instance = ? AND version = ?`,
      [...this.key(row), version],
    );
    return affected === 1;
  }

  /** Inserts a row if it is not there; answers whether it did. */
  *insertIf(row: TaskRow): Work<boolean> {
    const { sql, parameters } = this.insertion([row]);
    try {
      const { affected } = yield* query(sql, parameters);
      return affected !== 0;
    } catch (error) {
      if ((yield* this.find([row])).length > 0) return false;
      throw error;
    }
  }

  /**
   * Inserts those that are not there and locks those that are, in the order of the rows: everybody takes locks in that one order.
   * Answers the keys it knows to have inserted.
   */
  *insertMissing(rows: readonly TaskRow[]): Work<readonly RowKey[]> {
    const { rowsPerStatement, onConflictLock } = this.dialect;
    const inserted: RowKey[] = [];
    for (const part of partsOf(rows, rowsPerStatement)) {
      const { sql, parameters } = this.insertion(part);
      const { records } = yield* query(`${sql} ${onConflictLock(this.table)}`, parameters);
      inserted.push(...records.filter(({ inserted }) => Boolean(inserted)).map(keyOf));
    }
    return inserted;
  }

  /** Writes rows whole, new or not. */
  *save(rows: readonly TaskRow[]): Work<void> {
    const update = this.dialect.onConflictUpdate([...CHANGEABLE, 'version']);
    for (const part of partsOf(rows, this.dialect.rowsPerStatement)) {
      const { sql, parameters } = this.insertion(part);
      yield* query(`${sql} ${update}`, parameters);
    }
  }

  /** Writes what has changed of rows that are held. */
  *update(updates: readonly RowUpdate[]): Work<void> {
    for (const { columns, rows } of byChange(updates)) {
      for (const part of partsOf(rows, this.dialect.rowsPerStatement)) {
        const values = part.map((row) => [
          ...this.key(row),
          ...columns.map((column) => this.valueOf(column, row)),
        ]);
        const { sql, parameters } = this.dialect.update(this.table, columns, values);
        yield* query(sql, parameters);
      }
    }
  }

  *delete(keys: readonly RowKey[]): Work<void> {
    for (const part of partsOf(keys, this.dialect.rowsPerStatement)) {
      const { sql, parameters } = this.keysIn(part);
      yield* query(`DELETE FROM ${this.table} WHERE ${sql}`, parameters);
    }
  }

  /** Which of some templates are paused as a whole. */
  *paused(templates: readonly string[]): Work<ReadonlySet<string>> {
    const rows = yield* this.find([...new Set(templates)].map((instance) => ({ task: CONTROL, instance })));
    return new Set(rows.map(({ instance }) => instance));
  }

  /** Changes nothing, but as a write. */
  *touch(): Work<void> {
    yield* query(
      `UPDATE ${this.table} SET version = version WHERE task = ? AND instance = ?`,
      this.key(VERSION_KEY),
    );
  }

  private *select(keys: readonly RowKey[], suffix: string): Work<TaskRow[]> {
    return (yield* this.selectRecords(keys, suffix)).map(decodeRow);
  }

  private *selectRecords(keys: readonly RowKey[], suffix: string): Work<SqlRecord[]> {
    const rows: SqlRecord[] = [];
    for (const part of partsOf(keys, this.dialect.rowsPerStatement)) {
      const { sql, parameters } = this.keysIn(part);
      const { records } = yield* query(
        `SELECT * FROM ${this.table} WHERE ${sql} ORDER BY task, instance ${suffix}`,
        parameters,
      );
      rows.push(...records);
    }
    return rows;
  }

  private insertion(rows: readonly TaskRow[]): SqlPiece {
    // Of a new row most columns are empty.
    const columns = COLUMNS.filter((column) => rows.some((row) => column.encode(row) !== null));
    const { sql, parameters } = this.dialect.rows(
      [...columns.map(({ kind }) => kind), 'moment'],
      rows.map((row) => [...columns.map((column) => this.valueOf(column, row)), 0]),
    );
    const names = columns.map(({ name }) => name).join(', ');
    return { sql: `INSERT INTO ${this.table} (${names}, version) ${sql}`, parameters };
  }

  private keysIn(keys: readonly RowKey[]): SqlPiece {
    return this.dialect.keysIn(keys.map((key) => this.key(key)));
  }

  /** A row's values in the order of COLUMNS. */
  private encode(row: TaskRow): SqlValue[] {
    return COLUMNS.map((column) => this.valueOf(column, row));
  }

  private valueOf({ kind, encode }: TaskColumn, row: TaskRow): SqlValue {
    const value = encode(row);
    return kind === 'name' && typeof value === 'string' ? this.dialect.key(value) : value;
  }

  private key({ task, instance }: RowKey): SqlValue[] {
    return [this.dialect.key(task), this.dialect.key(instance)];
  }
}

/** Rows of which the same columns have changed. */
interface SameChange {
  readonly columns: readonly TaskColumn[];
  readonly rows: TaskRow[];
}

/** Most updates that come together change the same columns: those of a lease, those of a settlement. */
function byChange(updates: readonly RowUpdate[]): Iterable<SameChange> {
  const changes = new Map<string, SameChange>();
  for (const { before, after } of updates) {
    const columns = CHANGEABLE_COLUMNS.filter(({ encode }) => encode(before) !== encode(after));
    const text = columns.map(({ name }) => name).join();
    const same = changes.get(text);
    if (same !== undefined) same.rows.push(after);
    else if (columns.length > 0) changes.set(text, { columns, rows: [after] });
  }
  return changes.values();
}
