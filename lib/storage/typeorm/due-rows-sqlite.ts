import type { TaskRow } from '../../core/task-row.js';
import type { AskedQueue } from './claim-shares.js';
import type { TaskTable } from './dialects/dialect.js';
import { LEASES_LOOKED_AT, isFree, leaseAssignments } from './due-conditions.js';
import {
  type DueAnswer,
  type DueRows,
  type HeldRows,
  type Leasing,
  NO_MOMENTS,
  type QueueMoments,
} from './due-rows.js';
import { type SqlParameter, type Work, queryValues } from './statement.js';
import { LEASED_COLUMNS, decodeLeased } from './leased-row.js';
import { COLUMN_NAMES, decodeValues, integerOf } from './task-columns.js';
import { CONTROL } from './task-statements.js';

const NAMES = COLUMN_NAMES.join(', ');
const LEASED = LEASED_COLUMNS.join(', ');

/** A few short statements for each queue: they cost no round trip, and the driver keeps them prepared. */
export class SqliteDueRows implements DueRows {
  readonly needsTransaction = true;
  private readonly table: string;

  constructor(table: TaskTable) {
    this.table = table.sql;
  }

  *lease(asked: readonly AskedQueue[], leasing: Leasing, given: number | null): Work<DueAnswer> {
    const now = given ?? 0;
    const rows: TaskRow[] = [];
    const moments: QueueMoments[] = [];
    for (const queue of asked) {
      const isPaused = yield* this.isPaused(queue);
      const leased = isPaused ? [] : yield* this.leaseIn(queue, leasing, now);
      rows.push(...leased);
      moments.push(isPaused ? NO_MOMENTS : yield* this.momentsOf(queue, leased.length, now));
    }
    return { now, rows, moments };
  }

  *hold(asked: readonly AskedQueue[], given: number | null): Work<HeldRows> {
    const now = given ?? 0;
    const rows: TaskRow[] = [];
    for (const queue of asked) {
      if (queue.share === 0 || (yield* this.isPaused(queue))) continue;
      const due = yield* queryValues(this.due(queue, NAMES), this.dueParameters(queue, now));
      rows.push(...due.map((values) => decodeValues(values, 0)));
    }
    return { now, rows };
  }

  private *leaseIn(queue: AskedQueue, { owner, batch }: Leasing, now: number): Work<readonly TaskRow[]> {
    if (queue.share === 0) return [];
    const assignments = leaseAssignments('?', "? || '.' || t.rowid", '?');
    const sql = `UPDATE ${this.table} AS t SET ${assignments} WHERE t.rowid IN (${this.due(queue, 't.rowid')}) RETURNING rowid, ${LEASED}`;
    const lockedUntil = now + queue.task.leaseMs;
    const parameters = [lockedUntil, batch, owner, ...this.dueParameters(queue, now)];
    const lease = { queue: queue.queue, lockedUntil, lockedBy: owner };
    const leased = yield* queryValues(sql, parameters);
    return leased.map((values) => decodeLeased(values, 1, lease, `${batch}.${String(values[0])}`));
  }

  private *momentsOf(queue: AskedQueue, leased: number, now: number): Work<QueueMoments> {
    const next = yield* this.first(queue, 't.due_at > ?', [now]);
    const end = leased < queue.share || queue.share === 0 ? yield* this.firstLeaseEnd(queue, now) : null;
    const overdueAt =
      queue.share === 0 ? yield* this.first(queue, `t.due_at <= ? AND ${isFree('?')}`, [now, now]) : null;
    return { nextDueAt: end === null ? next : Math.min(end, next ?? end), overdueAt };
  }

  /** What is due and free, oldest first, as many as the queue's share. */
  private due({ task }: AskedQueue, columns: string): string {
    return `SELECT ${columns} FROM ${this.inQueue(task.isStatic)} AND t.due_at <= ? AND ${isFree('?')} ORDER BY t.due_at LIMIT ?`;
  }

  private dueParameters({ queue, share }: AskedQueue, now: number): readonly SqlParameter[] {
    return [queue, now, now, share];
  }

  private *first(
    { task, queue }: AskedQueue,
    condition: string,
    moments: readonly number[],
  ): Work<number | null> {
    const sql = `SELECT t.due_at FROM ${this.inQueue(task.isStatic)} AND ${condition} ORDER BY t.due_at LIMIT 1`;
    const [values] = yield* queryValues(sql, [queue, ...moments]);
    return values === undefined ? null : integerOf(values[0]);
  }

  private *firstLeaseEnd({ task, queue }: AskedQueue, now: number): Work<number | null> {
    const leases = `SELECT t.locked_until FROM ${this.inQueue(task.isStatic)} AND t.due_at <= ? ORDER BY t.due_at LIMIT ${LEASES_LOOKED_AT}`;
    const sql = `SELECT MIN(l.locked_until) FROM (${leases}) l WHERE l.locked_until > ?`;
    const [values] = yield* queryValues(sql, [queue, now, now]);
    return values === undefined ? null : integerOf(values[0]);
  }

  private *isPaused({ task }: AskedQueue): Work<boolean> {
    if (task.isStatic) return false;
    const sql = `SELECT 1 FROM ${this.table} WHERE task = ? AND instance = ?`;
    return (yield* queryValues(sql, [CONTROL, task.task])).length > 0;
  }

  private inQueue(isStatic: boolean): string {
    return `${this.table} t WHERE t.queue = ? AND t.instance ${isStatic ? '=' : '<>'} ''`;
  }
}
