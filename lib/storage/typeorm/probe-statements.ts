import type { ClaimableTask } from '../../core/task-repository.js';
import { STATIC_INSTANCE } from '../../core/task-row.js';
import { RepositoryException } from '../../core/errors.js';
import type { DueKey, Probe } from '../claim-picks.js';
import { partsOf } from '../parts.js';
import type { Dialect, TaskTable } from './dialects/dialect.js';
import { type Work, query } from './statement.js';
import { RecordReader, keyOf } from './task-columns.js';
import { CONTROL } from './task-statements.js';

/** Of how many leased rows at most the ends are looked at to know when to wake up. */
const LEASES_LOOKED_AT = 1_000;

/** Most queues that one poll statement asks for; SQLite takes 500 parts of a UNION. */
const QUEUES_PER_STATEMENT = 100;

/** The statements that look for what is due, each as work to be run. */
export class ProbeStatements {
  private readonly table: string;

  constructor(
    private readonly dialect: Dialect,
    table: TaskTable,
  ) {
    this.table = table.sql;
  }

  /**
   * One look for all tasks: what is due for each queue (one row more than may be claimed), and when something will be.
   * `given`: the time that decides; null: the database's own.
   */
  *probe(tasks: readonly ClaimableTask[], limit: number, given: number | null): Work<Probe> {
    const now = given === null ? this.time : String(Math.trunc(given));
    const wanted = tasks.flatMap((task) => task.queues.map((queue) => ({ task, queue })));
    // No answer would say the time.
    if (wanted.length === 0) return { due: [], nextDueAt: null, now: given ?? (yield* this.askTime()) };
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
}
