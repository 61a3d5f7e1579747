import type { ClaimableTask, ListRequest } from '../../core/task-repository.js';
import { type RowKey, type TaskRow, STATIC_INSTANCE } from '../../core/task-row.js';
import { RepositoryException } from '../../core/errors.js';
import type { Dialect, TaskTable } from './dialects/dialect.js';
import { type SqlRecord, type SqlValue, type Work, partsOf, query } from './statement.js';
import { COLUMNS, RecordReader, decodeRow } from './task-columns.js';

/** The task under which the table keeps what is no instance: paused templates by name, and its own version under `''`. */
export const CONTROL = '';

/** The row that says of which version the table is. */
const VERSION_KEY: RowKey = { task: CONTROL, instance: '' };

/** Of how many leased rows at most the ends are looked at to know when to wake up. */
const LEASES_LOOKED_AT = 1_000;

/** Most queues that one poll statement asks for; SQLite takes 500 parts of a UNION. */
const QUEUES_PER_STATEMENT = 100;

/** What a poll has found, before anything is claimed. */
export interface Probe {
  /** Rows that can be claimed now, oldest due first for each queue. */
  readonly due: readonly DueKey[];
  /** The earliest moment after now at which something else may be claimed. */
  readonly nextDueAt: number | null;
  /** The store's time at the probe. */
  readonly now: number;
}

/** A row as it was read, and how often it had been written then. */
export interface VersionedRow {
  readonly row: TaskRow;
  readonly version: number;
}

export interface DueKey extends RowKey {
  readonly dueAt: number;
}

const NAMES = COLUMNS.map(({ name }) => name);
const CHANGEABLE = NAMES.filter((name) => name !== 'task' && name !== 'instance');

/** The statements on the scheduler's table, each as work to be run. */
export class TaskStatements {
  private readonly table: string;

  constructor(
    readonly dialect: Dialect,
    table: TaskTable,
  ) {
    this.table = table.sql;
  }

  /** The rows of some keys, locked until the transaction ends where the dialect can; those that others hold are left out if `isFree`. */
  *lock(keys: readonly RowKey[], isFree = false): Work<TaskRow[]> {
    const { lock, lockFree } = this.dialect;
    return yield* this.select(keys, (isFree ? lockFree : lock) ?? '');
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
    const values = [...NAMES, 'version'].map(() => '?').join(', ');
    try {
      const { affected } = yield* query(
        `INSERT INTO ${this.table} (${NAMES.join(', ')}, version) VALUES (${values})`,
        this.values([row]),
      );
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
      const { records } = yield* query(
        `${this.insertInto(part.length)} ${onConflictLock(this.table)}`,
        this.values(part),
      );
      inserted.push(...records.filter(({ inserted }) => Boolean(inserted)).map(keyOf));
    }
    return inserted;
  }

  /** Writes rows whole, new or not. */
  *save(rows: readonly TaskRow[]): Work<void> {
    const update = this.dialect.onConflictUpdate([...CHANGEABLE, 'version']);
    for (const part of partsOf(rows, this.dialect.rowsPerStatement))
      yield* query(`${this.insertInto(part.length)} ${update}`, this.values(part));
  }

  *delete(keys: readonly RowKey[]): Work<void> {
    for (const part of partsOf(keys, this.dialect.rowsPerStatement))
      yield* query(
        `DELETE FROM ${this.table} WHERE ${this.dialect.keyIn(part.length)}`,
        part.flatMap((key) => this.key(key)),
      );
  }

  /**
   * One look for all tasks: what is due for each queue (one row more than may be claimed), and when something will be.
   * `given`: the time that decides; null: the database's own.
   */
  *probe(tasks: readonly ClaimableTask[], limit: number, given: number | null): Work<Probe> {
    const now = given === null ? this.time : String(Math.trunc(given));
    const wanted = tasks.flatMap((task) => task.queues.map((queue) => ({ task, queue })));
    const due: DueKey[] = [];
    let nextDueAt = Number.POSITIVE_INFINITY;
    let probedAt = given ?? 0;
    for (const part of partsOf(wanted, QUEUES_PER_STATEMENT)) {
      const parts = part.map(({ task, queue }) =>
        this.probeQueue(task, queue, Math.min(limit, task.limit) + 1, now),
      );
      const sql = [
        `SELECT 'now' AS kind, NULL AS task, NULL AS instance, ${now} AS at`,
        ...parts.map((one) => one.sql),
      ];
      const { records } = yield* query(
        sql.join(' UNION ALL '),
        parts.flatMap((one) => one.parameters),
      );
      for (const record of records) {
        const read = new RecordReader(record);
        const at = read.numberOrNull('at');
        if (at === null) continue;
        const kind = read.text('kind');
        if (kind === 'now') probedAt = at;
        else if (kind === 'due') due.push({ ...keyOf(record), dueAt: at });
        else nextDueAt = Math.min(nextDueAt, at);
      }
    }
    return { due, nextDueAt: Number.isFinite(nextDueAt) ? nextDueAt : null, now: probedAt };
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

  /** The database's time. */
  *askTime(): Work<number> {
    const { records } = yield* query(`SELECT ${this.time} AS at`);
    return new RecordReader(records[0] ?? {}).number('at');
  }

  private get time(): string {
    if (this.dialect.time === null)
      throw new RepositoryException(`${this.dialect.name} cannot be asked for its time`);
    return this.dialect.time;
  }

  private *select(keys: readonly RowKey[], suffix: string): Work<TaskRow[]> {
    return (yield* this.selectRecords(keys, suffix)).map(decodeRow);
  }

  private *selectRecords(keys: readonly RowKey[], suffix: string): Work<SqlRecord[]> {
    const rows: SqlRecord[] = [];
    for (const part of partsOf(keys, this.dialect.rowsPerStatement)) {
      const { records } = yield* query(
        `SELECT * FROM ${this.table} WHERE ${this.dialect.keyIn(part.length)} ORDER BY task, instance ${suffix}`,
        part.flatMap((key) => this.key(key)),
      );
      rows.push(...records);
    }
    return rows;
  }

  private probeQueue(task: ClaimableTask, queue: string, limit: number, now: string) {
    const { dialect, table } = this;
    const is = task.isStatic ? '=' : '<>';
    const unpaused = task.isStatic
      ? ''
      : ` AND NOT EXISTS (SELECT 1 FROM ${table} c WHERE c.task = ? AND c.instance = ?)`;
    const from = `FROM ${table} t WHERE t.queue = ? AND t.instance ${is} ?${unpaused}`;
    const parameters = [queue, STATIC_INSTANCE, ...(task.isStatic ? [] : [CONTROL, task.task])].map((name) =>
      dialect.key(name),
    );
    const isFree = `(t.locked_until IS NULL OR t.locked_until <= ${now})`;
    const due = dialect.limited(
      `SELECT t.task, t.instance, t.due_at ${from} AND t.due_at <= ${now} AND ${isFree} ORDER BY t.due_at`,
      limit,
    );
    // Not MIN(): MariaDB would read all that is not due yet.
    const next = dialect.limited(`SELECT t.due_at ${from} AND t.due_at > ${now} ORDER BY t.due_at`, 1);
    const leased = dialect.limited(
      `SELECT t.locked_until ${from} AND t.due_at <= ${now} ORDER BY t.due_at`,
      LEASES_LOOKED_AT,
    );
    const sql = [
      `SELECT 'due', d.task, d.instance, d.due_at FROM (${due}) d`,
      `SELECT 'next', NULL, NULL, n.due_at FROM (${next}) n`,
      `SELECT 'lease', NULL, NULL, MIN(l.locked_until) FROM (${leased}) l WHERE l.locked_until > ${now}`,
    ];
    return { sql: sql.join(' UNION ALL '), parameters: sql.flatMap(() => parameters) };
  }

  private insertInto(count: number): string {
    const row = `(${[...NAMES, 'version'].map(() => '?').join(', ')})`;
    return `INSERT INTO ${this.table} (${NAMES.join(', ')}, version) VALUES ${Array.from({ length: count }, () => row).join(', ')}`;
  }

  private values(rows: readonly TaskRow[]): SqlValue[] {
    return rows.flatMap((row) => [...this.encode(row), 0]);
  }

  /** A row's values in the order of COLUMNS. */
  encode(row: TaskRow): SqlValue[] {
    return COLUMNS.map(({ kind, encode }) => {
      const value = encode(row);
      return kind === 'name' && typeof value === 'string' ? this.dialect.key(value) : value;
    });
  }

  private key({ task, instance }: RowKey): SqlValue[] {
    return [this.dialect.key(task), this.dialect.key(instance)];
  }
}

function keyOf(record: SqlRecord): RowKey {
  const read = new RecordReader(record);
  return { task: read.text('task'), instance: read.text('instance') };
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
