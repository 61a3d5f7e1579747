import type { ListRequest } from '../../core/task-repository.js';
import { type RowKey, type TaskRow, STATIC_INSTANCE } from '../../core/task-row.js';
import type { Dialect, TaskTable } from './dialects/dialect.js';
import { type Work, query } from './statement.js';
import { RecordReader, decodeRow, keyOf } from './task-columns.js';

/** The statements that look rows up by what they are, each as work to be run. */
export class LookupStatements {
  private readonly table: string;

  constructor(
    private readonly dialect: Dialect,
    table: TaskTable,
  ) {
    this.table = table.sql;
  }

  *list(request: ListRequest, isPaused: boolean, now: number): Work<TaskRow[]> {
    const { task, isStatic, after, state, limit } = request;
    const condition = stateCondition(state, isPaused);
    if (condition === null) return [];
    const names = after === null ? '' : ' AND instance > ?';
    const select = `SELECT * FROM ${this.table} WHERE task = ? AND instance ${isStatic ? '=' : '<>'} ?${names}${condition} ORDER BY instance`;
    const parameters = [
      this.dialect.key(task),
      this.dialect.key(STATIC_INSTANCE),
      ...(after === null ? [] : [this.dialect.key(after)]),
      ...(condition.includes('?') ? [now] : []),
    ];
    const { records } = yield* query(this.dialect.limited(select, limit), parameters);
    return records.map(decodeRow);
  }

  /** The first queue after one given that holds rows of a task; null: there is none. */
  *queueAfter(task: string, queue: string): Work<string | null> {
    const select = `SELECT queue FROM ${this.table} WHERE queue > ? AND queue < ? AND task = ? ORDER BY queue`;
    const parameters = [queue, `${task}$`, task].map((name) => this.dialect.key(name));
    const { records } = yield* query(this.dialect.limited(select, 1), parameters);
    return records[0] === undefined ? null : new RecordReader(records[0]).text('queue');
  }

  /** Some rows of a task that wait in a queue. */
  *waitingIn(task: string, queue: string, limit: number): Work<readonly RowKey[]> {
    const select = `SELECT task, instance FROM ${this.table} WHERE queue = ? AND task = ? AND instance <> ?`;
    const parameters = [queue, task, STATIC_INSTANCE].map((name) => this.dialect.key(name));
    const { records } = yield* query(this.dialect.limited(select, limit), parameters);
    return records.map(keyOf);
  }

  /** The first task after one given that has rows; null: there is none. */
  *taskAfter(task: string): Work<string | null> {
    const select = `SELECT task FROM ${this.table} WHERE task > ? ORDER BY task`;
    const { records } = yield* query(this.dialect.limited(select, 1), [this.dialect.key(task)]);
    return records[0] === undefined ? null : new RecordReader(records[0]).text('task');
  }
}

/** Rows in one state; null: there can be none. See `stateOf`. */
function stateCondition(state: ListRequest['state'], isPaused: boolean): string | null {
  const running = 'lease_token IS NOT NULL AND locked_until IS NOT NULL AND locked_until >';
  switch (state) {
    case null:
      return '';
    case 'parked':
      return " AND hold = 'parked'";
    case 'paused':
      return isPaused ? " AND (hold IS NULL OR hold = 'paused')" : " AND hold = 'paused'";
    case 'running':
      return isPaused ? null : ` AND hold IS NULL AND ${running} ?`;
    case 'scheduled':
      return isPaused
        ? null
        : ` AND hold IS NULL AND NOT (lease_token IS NOT NULL AND COALESCE(locked_until, 0) > ?)`;
  }
}
