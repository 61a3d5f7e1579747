import { isRecord } from '../../../core/read-option.js';
import { BoundedCache } from '../../../core/schedule/bounded-cache.js';
import type { SqlParameter, SqlRecord, SqlResult, Statement } from '../statement.js';

/** What we use of better-sqlite3. */
export interface SqliteHandle {
  readonly inTransaction: boolean;
  prepare(sql: string): PreparedStatement;
  pragma(text: string, options: { simple: true }): unknown;
}

interface PreparedStatement {
  readonly reader: boolean;
  raw(): PreparedStatement;
  all(...parameters: SqlParameter[]): unknown[];
  run(...parameters: SqlParameter[]): { changes: number };
}

type Lists = readonly (readonly SqlParameter[])[];

/** Statements on the one connection to an SQLite file, kept prepared; each answers at once. */
export class SqliteStatements {
  private readonly prepared = new BoundedCache<PreparedStatement>(200);
  private readonly preparedForValues = new BoundedCache<PreparedStatement>(50);

  constructor(private readonly handle: SqliteHandle) {}

  run({ sql, parameters, asValues, each }: Statement): SqlResult {
    if (asValues === true) return this.runForValues(sql, parameters);
    const prepared = this.prepared.get(sql, () => this.handle.prepare(sql));
    if (each !== undefined) return runEach(prepared, each);
    if (!prepared.reader) return { records: [], affected: prepared.run(...parameters).changes };
    const records = prepared.all(...parameters).filter((record): record is SqlRecord => isRecord(record));
    return { records, affected: records.length };
  }

  private runForValues(sql: string, parameters: readonly SqlParameter[]): SqlResult {
    const prepared = this.preparedForValues.get(sql, () => this.handle.prepare(sql).raw());
    const values = prepared.all(...parameters).filter((row) => Array.isArray(row));
    return { records: [], values, affected: values.length };
  }
}

function runEach(prepared: PreparedStatement, each: Lists): SqlResult {
  let affected = 0;
  const affectedByEach = each.map((parameters) => {
    const { changes } = prepared.run(...parameters);
    affected += changes;
    return changes;
  });
  return { records: [], affected, affectedByEach };
}
