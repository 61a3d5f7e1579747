import type { TaskRow } from '../../core/task-row.js';
import { claim } from '../../core/task-transitions.js';
import { partsOf } from '../parts.js';
import type { AskedQueue } from './claim-shares.js';
import type { TaskTable } from './dialects/dialect.js';
import { mysql } from './dialects/mysql.js';
import { LEASES_LOOKED_AT, isFree } from './due-conditions.js';
import {
  type DueAnswer,
  type DueRows,
  type HeldRows,
  type Leasing,
  NO_MOMENTS,
  type QueueMoments,
} from './due-rows.js';
import { LEASED_COLUMNS, decodeLeased } from './leased-row.js';
import { type SqlPiece, type SqlValue, type SqlValues, type Work, query, queryValues } from './statement.js';
import { COLUMNS, COLUMN_NAMES, decodeValues, integerOf, requiredInteger } from './task-columns.js';
import { CONTROL } from './task-statements.js';

/** Most queues that one statement asks for. */
const QUEUES_PER_STATEMENT = 100;

/** Before a claim the id of what is begun may be the token of the lease that is over. */
const LEASED = LEASED_COLUMNS.map((name) =>
  name === 'execution_id'
    ? 'CASE WHEN t.attempt = 0 THEN NULL ELSE COALESCE(t.execution_id, t.lease_token) END AS execution_id'
    : `t.${name}`,
).join(', ');
const WHOLE = COLUMN_NAMES.map((name) => `t.${name}`).join(', ');

/** What a claim writes, beside the key. */
const WRITTEN = COLUMNS.filter(({ name }) =>
  [
    'locked_until',
    'lease_token',
    'locked_by',
    'attempt',
    'execution_id',
    'queued_run',
    'current_run',
  ].includes(name),
);

/** One of the queues that are asked, and its place among them. */
interface Placed {
  readonly queue: AskedQueue;
  readonly place: number;
}

/** What is due is locked where nobody else has it, in one statement for all queues, and leased in another. */
export class MysqlDueRows implements DueRows {
  readonly needsTransaction = true;
  private readonly table: string;
  /** Named because the statistics know nothing of what has just become due. */
  private readonly inDueOrder: string;

  constructor(table: TaskTable) {
    this.table = table.sql;
    this.inDueOrder = `${table.sql} t FORCE INDEX (${mysql.quote(`${table.name}_due`)})`;
  }

  *lease(asked: readonly AskedQueue[], leasing: Leasing, given: number | null): Work<DueAnswer> {
    const placed = asked.map((queue, place) => ({ queue, place }));
    const leased = yield* this.leaseIn(placed, leasing, given);
    const counts = asked.map(() => 0);
    for (const { place } of leased.rows) counts[place] = (counts[place] ?? 0) + 1;
    // A queue that gave its share has more: when to look again need not be asked.
    const open = placed.filter(({ queue: { share }, place }) => share === 0 || (counts[place] ?? 0) < share);
    const seen = yield* this.momentsOf(open, given);
    const moments = asked.map((_, place) => seen.moments.get(place) ?? NO_MOMENTS);
    const now = leased.now ?? seen.now ?? given ?? (yield* askTime());
    return { now, rows: leased.rows.map(({ row }) => row), moments };
  }

  *hold(asked: readonly AskedQueue[], given: number | null): Work<HeldRows> {
    const placed = asked.map((queue, place) => ({ queue, place }));
    const found = yield* this.lock(placed, WHOLE, given);
    const now = integerOf(found[0]?.[1]);
    return { now, rows: found.map((values) => decodeValues(values, 2)) };
  }

  private *leaseIn(placed: readonly Placed[], { owner, batch }: Leasing, given: number | null) {
    let now: number | null = null;
    const rows: { readonly place: number; readonly row: TaskRow }[] = [];
    for (const values of yield* this.lock(placed, LEASED, given)) {
      const place = Number(values[0]);
      const asked = placed[place]?.queue;
      const at = integerOf(values[1]);
      if (asked === undefined || at === null) continue;
      now ??= at;
      const { queue, task } = asked;
      const token = `${batch}.${rows.length}`;
      const before = decodeLeased(values, 2, { queue, lockedUntil: now, lockedBy: owner }, token);
      rows.push({ place, row: claim(before, now, task.leaseMs, token, owner) });
    }
    for (const part of partsOf(rows, mysql.rowsPerStatement)) {
      const written = part.map(({ row }): SqlValue[] => [
        mysql.key(row.task),
        mysql.key(row.instance),
        ...WRITTEN.map(({ encode }) => encode(row)),
      ]);
      const { sql, parameters } = mysql.update(this.table, WRITTEN, written);
      yield* query(sql, parameters);
    }
    return { now, rows };
  }

  /** Of each queue: its place, the time, and what is due and free, oldest first, as many as its share. */
  private *lock(
    placed: readonly Placed[],
    columns: string,
    given: number | null,
  ): Work<readonly SqlValues[]> {
    const found: SqlValues[] = [];
    const now = timeOf(given);
    const giving = placed.filter(({ queue: { share } }) => share > 0);
    for (const part of partsOf(giving, QUEUES_PER_STATEMENT)) {
      const pieces = part.map(({ queue, place }) => {
        const from = this.inQueue(queue);
        const sql = `(SELECT ${place} AS place, ${now} AS at, ${columns} ${from.sql} AND t.due_at <= ${now} AND ${isFree(now)} ORDER BY t.due_at LIMIT ${queue.share} FOR UPDATE SKIP LOCKED)`;
        return { sql, parameters: from.parameters };
      });
      found.push(...(yield* united(pieces)));
    }
    return found;
  }

  private *momentsOf(placed: readonly Placed[], given: number | null) {
    const moments = new Map<number, QueueMoments>();
    let now: number | null = null;
    for (const part of partsOf(placed, QUEUES_PER_STATEMENT)) {
      const time = timeOf(given);
      for (const values of yield* united(part.map((one) => this.momentsIn(one, time)))) {
        const ends = [integerOf(values[2]), integerOf(values[3])].filter((moment) => moment !== null);
        now ??= integerOf(values[1]);
        const overdueAt = integerOf(values[4]);
        moments.set(Number(values[0]), {
          nextDueAt: ends.length === 0 ? null : Math.min(...ends),
          overdueAt,
        });
      }
    }
    return { now, moments };
  }

  /** A queue whose template is paused as a whole has no moments. */
  private momentsIn({ queue, place }: Placed, now: string): SqlPiece {
    const { sql: from, parameters } = this.inQueue(queue);
    const next = `SELECT t.due_at ${from} AND t.due_at > ${now} ORDER BY t.due_at LIMIT 1`;
    const leases = `SELECT t.locked_until ${from} AND t.due_at <= ${now} ORDER BY t.due_at LIMIT ${LEASES_LOOKED_AT}`;
    const end = `SELECT MIN(l.locked_until) FROM (${leases}) l WHERE l.locked_until > ${now}`;
    const overdue = `SELECT t.due_at ${from} AND t.due_at <= ${now} AND ${isFree(now)} ORDER BY t.due_at LIMIT 1`;
    const isLook = queue.share === 0;
    const sql = `SELECT ${place} AS place, ${now} AS at, (${next}) AS next_at, (${end}) AS end_at, ${isLook ? `(${overdue})` : 'NULL'} AS overdue_at`;
    const lists = isLook ? [parameters, parameters, parameters] : [parameters, parameters];
    return { sql, parameters: lists.flat() };
  }

  private inQueue({ queue, task: { isStatic, task } }: AskedQueue): SqlPiece {
    const paused = `AND NOT EXISTS (SELECT 1 FROM ${this.table} c WHERE c.task = ? AND c.instance = ?)`;
    return {
      sql: `FROM ${this.inDueOrder} WHERE t.queue = ? AND t.instance ${isStatic ? '=' : '<>'} ''${isStatic ? '' : ` ${paused}`}`,
      parameters: (isStatic ? [queue] : [queue, CONTROL, task]).map((name) => mysql.key(name)),
    };
  }
}

const timeOf = (given: number | null): string =>
  given === null ? String(mysql.time) : String(Math.trunc(given));

/** Where nothing was asked that would have said it. */
function* askTime(): Work<number> {
  const [values] = yield* queryValues(`SELECT ${mysql.time}`);
  return requiredInteger('time', values?.[0]);
}

const united = (pieces: readonly SqlPiece[]): Work<readonly SqlValues[]> =>
  queryValues(
    pieces.map(({ sql }) => sql).join(' UNION ALL '),
    pieces.flatMap(({ parameters }) => parameters),
  );
