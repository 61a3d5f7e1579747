import type { RowFilter, UpcomingRequest } from '../../core/row-requests.js';
import type { ListRequest } from '../../core/task-repository.js';
import { type RowKey, type TaskRow, STATIC_INSTANCE } from '../../core/task-row.js';
import type { Dialect, TaskTable } from './dialects/dialect.js';
import { endOfPrefix } from './name-prefix.js';
import { type SqlPiece, type SqlValue, type Work, partsOf, query } from './statement.js';
import { RecordReader, decodeRow, keyOf } from './task-columns.js';
import { CONTROL } from './task-statements.js';

/** The earliest moment there is: what is due at all is due later, and what is held has none. */
const EARLIEST = -8_640_000_000_000_000;

/** Most queues that one statement asks for; SQLite takes 500 parts of a UNION. */
const QUEUES_PER_STATEMENT = 100;

/** When a row becomes due. */
interface UpcomingKey extends RowKey {
  readonly dueAt: number;
}

/** The statements that list and count rows, each as work to be run. */
export class ListingStatements {
  private readonly table: string;

  constructor(
    private readonly dialect: Dialect,
    table: TaskTable,
  ) {
    this.table = table.sql;
  }

  /** `isPaused`: the template is paused as a whole. */
  *list(request: ListRequest, isPaused: boolean, now: number): Work<TaskRow[]> {
    const where = this.fitting(request, isPaused, now);
    if (where === null) return [];
    const { after, limit } = request;
    const names = after === null ? '' : ' AND instance > ?';
    const select = `SELECT * FROM ${this.table} WHERE ${where.sql}${names} ORDER BY instance`;
    const parameters = [...where.parameters, ...(after === null ? [] : [this.dialect.key(after)])];
    const { records } = yield* query(this.dialect.limited(select, limit), parameters);
    return records.map(decodeRow);
  }

  *count(filter: RowFilter, isPaused: boolean, now: number): Work<number> {
    const where = this.fitting(filter, isPaused, now);
    if (where === null) return 0;
    const { records } = yield* query(
      `SELECT COUNT(*) AS found FROM ${this.table} WHERE ${where.sql}`,
      where.parameters,
    );
    return new RecordReader(records[0] ?? {}).number('found');
  }

  /** The keys of what becomes due next, the earliest first. */
  *upcoming({ tasks, limit }: UpcomingRequest, now: number): Work<readonly RowKey[]> {
    const wanted = tasks.flatMap(({ task, isStatic, queues }) =>
      queues.map((queue) => ({ task, isStatic, queue })),
    );
    const found: UpcomingKey[] = [];
    for (const part of partsOf(wanted, QUEUES_PER_STATEMENT)) {
      const parts = part.map(({ task, isStatic, queue }) => this.firstOf(task, isStatic, queue, limit, now));
      const sql = parts.map((one, index) => `SELECT * FROM (${one.sql}) q${index}`).join(' UNION ALL ');
      const { records } = yield* query(
        sql,
        parts.flatMap((one) => one.parameters),
      );
      for (const record of records)
        found.push({ ...keyOf(record), dueAt: new RecordReader(record).number('due_at') });
    }
    return found.sort((one, other) => one.dueAt - other.dueAt).slice(0, limit);
  }

  private firstOf(task: string, isStatic: boolean, queue: string, limit: number, now: number): SqlPiece {
    const unpaused = isStatic
      ? ''
      : ` AND NOT EXISTS (SELECT 1 FROM ${this.table} c WHERE c.task = ? AND c.instance = ?)`;
    const select = `SELECT t.task, t.instance, t.due_at FROM ${this.table} t WHERE t.queue = ? AND t.due_at > ${EARLIEST} AND t.task = ? AND t.instance ${isStatic ? '=' : '<>'} ? AND NOT ${isRunning('t.', String(Math.trunc(now)))}${unpaused} ORDER BY t.due_at`;
    const names = [queue, task, STATIC_INSTANCE, ...(isStatic ? [] : [CONTROL, task])];
    return {
      sql: this.dialect.limited(select, limit),
      parameters: names.map((name) => this.dialect.key(name)),
    };
  }

  /** The condition for the rows that a filter means; null: there can be none. */
  private fitting(filter: RowFilter, isPaused: boolean, now: number): SqlPiece | null {
    const { task, isStatic, state } = filter;
    const condition = stateCondition(state, isPaused);
    if (condition === null) return null;
    const pieces: SqlPiece[] = [
      {
        sql: `task = ? AND instance ${isStatic ? '=' : '<>'} ?`,
        parameters: this.keys(task, STATIC_INSTANCE),
      },
      { sql: condition, parameters: condition.includes('?') ? [now] : [] },
      this.named(filter.namePrefix ?? ''),
      this.waiting(filter, isPaused),
    ];
    const given = pieces.filter(({ sql }) => sql !== '');
    return {
      sql: given.map(({ sql }) => sql).join(' AND '),
      parameters: given.flatMap(({ parameters }) => parameters),
    };
  }

  private named(prefix: string): SqlPiece {
    if (prefix === '') return { sql: '', parameters: [] };
    const end = endOfPrefix(prefix);
    return end === null
      ? { sql: 'instance >= ?', parameters: this.keys(prefix) }
      : { sql: 'instance >= ? AND instance < ?', parameters: this.keys(prefix, end) };
  }

  /** What is held is never due: an index tells the few that are from the many that are not. */
  private waiting({ state, queues }: RowFilter, isPaused: boolean): SqlPiece {
    const isHeld = state === 'parked' || (state === 'paused' && !isPaused);
    if (!isHeld || queues === undefined || queues.length === 0) return { sql: '', parameters: [] };
    const marks = queues.map(() => '?').join(', ');
    return { sql: `queue IN (${marks}) AND due_at IS NULL`, parameters: this.keys(...queues) };
  }

  private keys(...names: string[]): SqlValue[] {
    return names.map((name) => this.dialect.key(name));
  }
}

const isRunning = (prefix: string, now: string): string =>
  `(${prefix}lease_token IS NOT NULL AND COALESCE(${prefix}locked_until, 0) > ${now})`;

/** Rows in one state; null: there can be none. See `stateOf`. */
function stateCondition(state: RowFilter['state'], isPaused: boolean): string | null {
  switch (state) {
    case null:
      return '';
    case 'parked':
      return "hold = 'parked'";
    case 'paused':
      return isPaused ? "(hold IS NULL OR hold = 'paused')" : "hold = 'paused'";
    case 'running':
      return isPaused ? null : `hold IS NULL AND ${isRunning('', '?')}`;
    case 'scheduled':
      return isPaused ? null : `hold IS NULL AND NOT ${isRunning('', '?')}`;
  }
}
