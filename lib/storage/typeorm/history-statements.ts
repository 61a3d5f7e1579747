import type { ExecutionEntry, ExecutionPlace, ExecutionsRequest } from '../../core/execution-history.js';
import type { Dialect, TaskTable } from './dialects/dialect.js';
import { HISTORY_COLUMNS, decodeEntry, historyTableOf } from './history-schema.js';
import { partsOf } from '../parts.js';
import { type SqlPiece, type SqlValue, type Work, query } from './statement.js';
import { RecordReader } from './task-columns.js';

const NAMES = HISTORY_COLUMNS.map(({ name }) => name);
/** Rows of one statement where statements cost no round trip. */
const ROWS_TOGETHER = 25;

const KINDS = HISTORY_COLUMNS.map(({ kind }) => kind);

/** Where pruning goes on: what is deleted would be passed over again and again, until a vacuum. */
export interface PrunedUntil {
  readonly task: string;
  readonly from: number;
}

/** What a step of pruning has deleted, and where the next one goes on; null: it has come to the end. */
export interface PruneStep {
  readonly deleted: number;
  readonly until: PrunedUntil | null;
}

/** The statements that write, read and prune the history, each as work to be run. */
export class HistoryStatements {
  /** The history's table, quoted. */
  readonly table: string;

  constructor(
    private readonly dialect: Dialect,
    /** The scheduler's own. */
    tasks: TaskTable,
  ) {
    this.table = historyTableOf(dialect, tasks).sql;
  }

  /** Fails where the table is not there. */
  *look(): Work<void> {
    yield* query(`SELECT attempt FROM ${this.table} WHERE task = ?`, [this.dialect.key('')]);
  }

  /** Writes entries; those that are there already are left alone. */
  *write(entries: readonly ExecutionEntry[]): Work<void> {
    for (const part of this.parts(entries)) {
      const { sql, parameters } = this.dialect.rows(
        KINDS,
        part.map((entry) => this.encode(entry)),
      );
      const insert = `INSERT INTO ${this.table} (${NAMES.join(', ')}) ${sql} ${this.dialect.onConflictNothing}`;
      try {
        yield* query(insert, parameters);
      } catch (error) {
        // Where a database has no words for it, the entry itself says that it was there.
        if (this.dialect.onConflictNothing !== '' || !(yield* this.hasAll(part))) throw error;
      }
    }
  }

  /** Newest first. */
  *list({ task, instance, limit, before }: ExecutionsRequest): Work<readonly ExecutionEntry[]> {
    const pieces: readonly SqlPiece[] = [
      { sql: 'task = ?', parameters: [this.dialect.key(task)] },
      ...(instance === null ? [] : [{ sql: 'instance = ?', parameters: [this.dialect.key(instance)] }]),
      ...(before === null ? [] : [this.olderThan(before)]),
    ];
    const where = pieces.map(({ sql }) => sql).join(' AND ');
    const select = `SELECT * FROM ${this.table} WHERE ${where} ORDER BY finished_at DESC, execution_id DESC, attempt DESC`;
    const { records } = yield* query(
      this.dialect.limited(select, limit),
      pieces.flatMap(({ parameters }) => parameters),
    );
    return records.map(decodeEntry);
  }

  /**
   * Deletes what ended before a moment, task by task through the primary key, from where another step has come to; more than `limit` only
   * where more ended in one millisecond.
   */
  *prune(endedBefore: number, limit: number, since: PrunedUntil | null): Work<PruneStep> {
    let deleted = 0;
    let from = since?.from ?? 0;
    let task = since === null ? yield* this.taskAfter('') : since.task;
    while (task !== null) {
      if (deleted >= limit) return { deleted, until: { task, from } };
      const step = yield* this.pruneTask(task, from, endedBefore, limit - deleted);
      deleted += step.deleted;
      if (step.until !== null) return { deleted, until: step.until };
      task = yield* this.taskAfter(task);
      from = 0;
    }
    return { deleted, until: null };
  }

  private *pruneTask(task: string, from: number, endedBefore: number, limit: number): Work<PruneStep> {
    const key = this.dialect.key(task);
    const select = `SELECT finished_at FROM ${this.table} WHERE task = ? AND finished_at >= ? AND finished_at < ? ORDER BY finished_at`;
    const found = yield* query(this.dialect.limited(select, limit + 1), [key, from, endedBefore]);
    const moments = found.records.map((record) => new RecordReader(record).number('finished_at'));
    const isAll = moments.length <= limit;
    const bound = isAll ? endedBefore : boundOf(moments, endedBefore);
    if (moments.length > 0) {
      const where = 'task = ? AND finished_at >= ? AND finished_at < ?';
      yield* query(`DELETE FROM ${this.table} WHERE ${where}`, [key, from, bound]);
    }
    const deleted = moments.filter((moment) => moment < bound).length;
    return { deleted, until: isAll ? null : { task, from: bound } };
  }

  /** SQLite writes many rows by one statement faster than one by one, but a statement has to be prepared for each number of rows. */
  private *parts(entries: readonly ExecutionEntry[]): Generator<readonly ExecutionEntry[]> {
    const { onConflictNothing, rowsPerStatement } = this.dialect;
    const isOneByOne = rowsPerStatement === 1 && onConflictNothing !== '';
    if (!isOneByOne) return yield* partsOf(entries, rowsPerStatement);
    const together = entries.length - (entries.length % ROWS_TOGETHER);
    yield* partsOf(entries.slice(0, together), ROWS_TOGETHER);
    yield* partsOf(entries.slice(together), 1);
  }

  /** The first task after one given that has entries; null: there is none. */
  private *taskAfter(task: string): Work<string | null> {
    const select = `SELECT task FROM ${this.table} WHERE task > ? ORDER BY task`;
    const { records } = yield* query(this.dialect.limited(select, 1), [this.dialect.key(task)]);
    return records[0] === undefined ? null : new RecordReader(records[0]).text('task');
  }

  private *hasAll(entries: readonly ExecutionEntry[]): Work<boolean> {
    for (const { task, finishedAt, executionId, attempt } of entries) {
      const { records } = yield* query(
        `SELECT attempt FROM ${this.table} WHERE task = ? AND finished_at = ? AND execution_id = ? AND attempt = ?`,
        [this.dialect.key(task), finishedAt, this.dialect.key(executionId), attempt],
      );
      if (records.length === 0) return false;
    }
    return true;
  }

  private olderThan({ finishedAt, executionId, attempt }: ExecutionPlace): SqlPiece {
    const id = this.dialect.key(executionId);
    return {
      sql: 'finished_at <= ? AND (finished_at < ? OR execution_id < ? OR (execution_id = ? AND attempt < ?))',
      parameters: [finishedAt, finishedAt, id, id, attempt],
    };
  }

  /** An entry's values in the order of HISTORY_COLUMNS. */
  private encode(entry: ExecutionEntry): SqlValue[] {
    return HISTORY_COLUMNS.map(({ kind, encode }) => {
      const value = encode(entry);
      return kind === 'name' && typeof value === 'string' ? this.dialect.key(value) : value;
    });
  }
}

/** Before which moment a step deletes, of the moments it has looked at: only whole milliseconds, at least one. */
function boundOf(moments: readonly number[], endedBefore: number): number {
  const last = moments.at(-1) ?? endedBefore;
  return moments[0] === last ? last + 1 : last;
}
