import { type RowKey, STATIC_INSTANCE } from '../../core/task-row.js';
import type { Dialect, TaskTable } from './dialects/dialect.js';
import { type Work, query } from './statement.js';
import { RecordReader, keyOf } from './task-columns.js';

/** The statements that look rows up by what they are, each as work to be run. */
export class LookupStatements {
  private readonly table: string;

  constructor(
    private readonly dialect: Dialect,
    table: TaskTable,
  ) {
    this.table = table.sql;
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
