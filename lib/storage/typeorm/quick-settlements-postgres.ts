import type { LeaseProof } from '../../core/task-repository.js';
import type { TaskTable } from './dialects/dialect.js';
import { shortArrayOf, unnest } from './dialects/lists.js';
import {
  type Advance,
  IS_UNTOUCHED,
  type QuickSettlements,
  advanceAssignments,
} from './quick-settlements.js';
import { type SqlPiece, type SqlValue, type Work, queryValues } from './statement.js';
import { encodeJson, integerOf } from './task-columns.js';

const PROOF = ['text', 'text', 'text', 'integer'];
const PROOF_NAMES = 'task, instance, token, attempt';

/** COALESCE: the statistics say that hardly any row has a token, and a planner that believed it would read the list once for each row. */
const IS_PROVEN = `t.task = n.task AND t.instance = n.instance AND COALESCE(t.lease_token = n.token AND t.attempt = n.attempt, false) AND ${IS_UNTOUCHED}`;

/**
 * One statement for all. Where it may not wait, a row that somebody else has locked is left to those who lock in the order of the keys: the
 * planner goes through the list in whatever order it likes, and two who wait for each other would be stopped only after a second. To lock
 * the rows first costs half as much again.
 */
export class PostgresQuickSettlements implements QuickSettlements {
  readonly needsTransaction = false;

  constructor(private readonly table: TaskTable) {}

  advance(requests: readonly Advance[], mayWait: boolean): Work<readonly boolean[]> {
    const list = listOf([...PROOF, 'bigint', 'bigint', 'text'], `${PROOF_NAMES}, next, jitter, error`, [
      ...proofsOf(requests),
      requests.map(({ settlement }) => settlement.next),
      requests.map(({ settlement }) => settlement.jitterMs || null),
      requests.map(({ settlement }) => encodeJson(settlement.error)),
    ]);
    const update = `UPDATE ${this.table.sql} t SET ${advanceAssignments('n.next', 'COALESCE(n.jitter, 0)', 'n.error')}`;
    return this.run(`${update} FROM ${this.found(list, mayWait)} RETURNING n.place`, list, requests.length);
  }

  finish(requests: readonly LeaseProof[], mayWait: boolean): Work<readonly boolean[]> {
    const list = listOf(PROOF, PROOF_NAMES, proofsOf(requests));
    const sql = `DELETE FROM ${this.table.sql} t USING ${this.found(list, mayWait)} RETURNING n.place`;
    return this.run(sql, list, requests.length);
  }

  /** The list and how the rows `t` are found by it. */
  private found({ sql }: SqlPiece, mayWait: boolean): string {
    if (mayWait) return `${sql} WHERE ${IS_PROVEN}`;
    const locked = `SELECT t.ctid AS at FROM ${this.table.sql} t WHERE ${IS_PROVEN} FOR UPDATE SKIP LOCKED`;
    return `(SELECT n.*, x.at FROM ${sql} CROSS JOIN LATERAL (${locked}) x) n WHERE t.ctid = n.at`;
  }

  private *run(sql: string, { parameters }: SqlPiece, count: number): Work<readonly boolean[]> {
    const done = Array.from({ length: count }, () => false);
    for (const [place] of yield* queryValues(sql, parameters)) done[(integerOf(place) ?? 0) - 1] = true;
    return done;
  }
}

const proofsOf = (requests: readonly LeaseProof[]): SqlValue[][] => [
  requests.map(({ task }) => task),
  requests.map(({ instance }) => instance),
  requests.map(({ leaseToken }) => leaseToken),
  requests.map(({ attempt }) => attempt),
];

/** One list for each of the names, of its type. */
const listOf = (types: readonly string[], names: string, lists: readonly SqlValue[][]): SqlPiece => ({
  sql: `${unnest(types)} WITH ORDINALITY AS n (${names}, place)`,
  parameters: lists.map(shortArrayOf),
});
