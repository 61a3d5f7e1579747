import type { ServerStay } from '../server-time.js';
import type { AskedQueue } from './claim-shares.js';
import type { TaskTable } from './dialects/dialect.js';
import { arrayOf, unnest } from './dialects/lists.js';
import { postgres } from './dialects/postgres.js';
import { LEASES_LOOKED_AT, isFree, leaseAssignments } from './due-conditions.js';
import {
  type DueAnswer,
  type DueRows,
  type Half,
  type HeldRows,
  type Leasing,
  NO_MOMENTS,
} from './due-rows.js';
import { type SqlPiece, type SqlValues, type Work, queryValues } from './statement.js';
import { LEASED_COLUMNS, decodeLeased } from './leased-row.js';
import type { RowChange } from './row-store.js';
import { writeInPlace } from './write-in-place-postgres.js';
import { COLUMN_NAMES, decodeValues, integerOf, textOf } from './task-columns.js';
import { CONTROL } from './task-statements.js';

/**
 * Behind which limit the rows of a queue are found: a literal, for the planner guesses badly about a limit that it does not know, and
 * about one far above what is wanted (it would sort all that is due). The share itself is a second limit, which stops the first early.
 */
const literalLimit = (asked: readonly AskedQueue[]): number =>
  10 ** Math.ceil(Math.log10(Math.max(100, ...asked.map(({ share }) => share))));

const columnsOf = (alias: string): string => COLUMN_NAMES.map((name) => `${alias}.${name}`).join(', ');
const LEASED = LEASED_COLUMNS.map((name) => `t.${name}`).join(', ');
const microseconds = (moment: string): string => `CAST(EXTRACT(EPOCH FROM ${moment}) * 1000000 AS bigint)`;
/** In place of the columns behind the first two. */
const NO_COLUMNS = LEASED_COLUMNS.slice(2)
  .map(() => 'NULL')
  .join(', ');

/** What is known of a queue that is asked. */
const ASKED = ['text', 'integer', 'bigint', 'boolean', 'text'];

/** What tells the rows of a claim from each other, behind the word that they have in common. */
const TOKEN = `i.batch || '.' || d.place`;

/** The planner takes a condition that it cannot see through for true of every second row, as this is; one on `hashtext` for very rare. */
const inHalf = (half: Half): string => ` AND COALESCE((hashtext(t.instance) & 1) = ${half}, false)`;

/** One statement for all queues: what is due is locked, leased and answered, along with when to look again. */
export class PostgresDueRows implements DueRows {
  readonly needsTransaction = false;
  readonly holdsHalves = true;
  private readonly table: string;

  constructor(table: TaskTable) {
    this.table = table.sql;
  }

  *lease(asked: readonly AskedQueue[], { owner, batch }: Leasing, given: number | null): Work<DueAnswer> {
    const head = this.head(asked, given);
    const sql = `${head.sql},
due AS MATERIALIZED (
  SELECT x.at, q.place AS queue, q.now + q.lease AS until, row_number() OVER () AS place
  FROM asked q CROSS JOIN LATERAL (${this.due('t.ctid AS at', literalLimit(asked))}) x WHERE q.share > 0),
taken AS (
  UPDATE ${this.table} t SET ${leaseAssignments('d.until', TOKEN, 'i.owner')}
  FROM due d, (SELECT ?::text AS batch, ?::text AS owner) i WHERE t.ctid = d.at RETURNING d.queue, d.place, ${LEASED})
SELECT t.* FROM taken t
UNION ALL SELECT q.place, NULL, ${this.next()}, ${this.overdue()}, ${NO_COLUMNS} FROM asked q
UNION ALL SELECT 0, ${microseconds('statement_timestamp()')}, i.now, ${microseconds('clock_timestamp()')}, ${NO_COLUMNS} FROM input i`;
    const taken: SqlValues[] = [];
    const moments = asked.map(() => NO_MOMENTS);
    let now = given ?? 0;
    let stay: ServerStay | undefined;
    for (const values of yield* queryValues(sql, [...head.parameters, batch, owner])) {
      const queue = Number(values[0]) - 1;
      const place = values[1] ?? null;
      if (queue < 0) {
        now = integerOf(values[2]) ?? now;
        stay = { from: Number(place) / 1_000, until: Number(values[3]) / 1_000 };
      } else if (place === null)
        moments[queue] = { nextDueAt: integerOf(values[2]), overdueAt: integerOf(values[3]) };
      else taken.push(values);
    }
    const leases = asked.map(({ queue, task }) => ({
      queue,
      lockedUntil: now + task.leaseMs,
      lockedBy: owner,
    }));
    const rows = taken.flatMap((values) => {
      const lease = leases[Number(values[0]) - 1];
      return lease === undefined ? [] : decodeLeased(values, 2, lease, `${batch}.${String(values[1])}`);
    });
    return { now, rows, moments, ...(stay && { stay }) };
  }

  *hold(asked: readonly AskedQueue[], given: number | null, half?: Half): Work<HeldRows> {
    const head = this.head(asked, given);
    const due = this.due(
      `t.ctid AS place, ${columnsOf('t')}`,
      literalLimit(asked),
      half === undefined ? '' : inHalf(half),
    );
    const sql = `${head.sql} SELECT q.now, x.* FROM asked q CROSS JOIN LATERAL (${due}) x WHERE q.share > 0`;
    const held = yield* queryValues(sql, head.parameters);
    const now = integerOf(held[0]?.[0]);
    const places = held.map((values) => textOf('ctid', values[1]));
    return { now, rows: held.map((values) => decodeValues(values, 2)), places };
  }

  writeHeld({ places = [] }: HeldRows, changes: readonly RowChange[]): Work<readonly RowChange[]> {
    return writeInPlace(this.table, places, changes);
  }

  /** `input` has the time that decides, `asked` the queues whose template is not paused as a whole. */
  private head(asked: readonly AskedQueue[], given: number | null): SqlPiece {
    const time = given === null ? postgres.time : '?::bigint';
    const sql = `WITH input AS MATERIALIZED (SELECT ${time} AS now),
asked AS MATERIALIZED (
  SELECT q.*, i.now FROM input i,
    ${unnest(ASKED)} WITH ORDINALITY AS q (queue, share, lease, is_static, task, place)
  WHERE q.is_static OR NOT EXISTS (SELECT 1 FROM ${this.table} c WHERE c.task = '${CONTROL}' AND c.instance = q.task))`;
    const lists = [
      arrayOf(asked.map(({ queue }) => queue)),
      arrayOf(asked.map(({ share }) => share)),
      arrayOf(asked.map(({ task }) => task.leaseMs)),
      arrayOf(asked.map(({ task }) => task.isStatic)),
      arrayOf(asked.map(({ task }) => task.task)),
    ];
    return { sql, parameters: [...(given === null ? [] : [Math.trunc(given)]), ...lists] };
  }

  /** Of a queue `q`: what is due and free, oldest first, as many as its share; locked, and past what others have locked. */
  private due(columns: string, most: number, more = ''): string {
    return `SELECT * FROM (SELECT ${columns} FROM ${this.inQueue()} AND t.due_at <= q.now AND ${isFree('q.now')}${more} ORDER BY t.due_at LIMIT ${most} FOR UPDATE SKIP LOCKED) y LIMIT q.share`;
  }

  /** Of a queue `q`: what becomes due next, and the first lease to end unless its share was used up. */
  private next(): string {
    const leases = this.first('locked_until', 't.due_at <= q.now', LEASES_LOOKED_AT);
    return `LEAST((${this.first('due_at', 't.due_at > q.now', 1)}),
  CASE WHEN q.share > (SELECT count(*) FROM due d WHERE d.queue = q.place) OR q.share = 0
    THEN (SELECT MIN(l.locked_until) FROM (${leases}) l WHERE l.locked_until > q.now) END)`;
  }

  /** Of a queue `q` that is only looked at: the oldest that could be claimed. */
  private overdue(): string {
    return `CASE WHEN q.share = 0 THEN (${this.first('due_at', `t.due_at <= q.now AND ${isFree('q.now')}`, 1)}) END`;
  }

  private first(column: string, condition: string, count: number): string {
    return `SELECT t.${column} FROM ${this.inQueue()} AND ${condition} ORDER BY t.due_at LIMIT ${count}`;
  }

  private inQueue(): string {
    return `${this.table} t WHERE t.queue = q.queue AND (t.instance = '') = q.is_static`;
  }
}
