import type { LeaseProof, SettleRequest } from '../../core/task-repository.js';
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
import { LINE_NAMES, LINE_TYPES, lineListsOf, withLines } from './history-lines-postgres.js';

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

  constructor(
    private readonly table: TaskTable,
    /** The history's table, quoted. */
    private readonly history: string,
  ) {}

  advance(requests: readonly Advance[], mayWait: boolean): Work<readonly boolean[]> {
    const list = listOf(requests, ['bigint', 'bigint', 'text'], 'next, jitter, error', [
      requests.map(({ settlement }) => settlement.next),
      requests.map(({ settlement }) => settlement.jitterMs || null),
      requests.map(({ settlement }) => encodeJson(settlement.error)),
    ]);
    const assignments = advanceAssignments('n.next', 'COALESCE(n.jitter, 0)', 'n.error');
    return this.run(`UPDATE ${this.table.sql} t SET ${assignments} FROM`, list, requests, mayWait);
  }

  finish(requests: readonly SettleRequest[], mayWait: boolean): Work<readonly boolean[]> {
    const list = listOf(requests, [], '', []);
    return this.run(`DELETE FROM ${this.table.sql} t USING`, list, requests, mayWait);
  }

  /** The list and how the rows `t` are found by it. */
  private found({ sql }: SqlPiece, mayWait: boolean): string {
    if (mayWait) return `${sql} WHERE ${IS_PROVEN}`;
    const locked = `SELECT t.ctid AS at FROM ${this.table.sql} t WHERE ${IS_PROVEN} FOR UPDATE SKIP LOCKED`;
    return `(SELECT n.*, x.at FROM ${sql} CROSS JOIN LATERAL (${locked}) x) n WHERE t.ctid = n.at`;
  }

  private *run(
    settle: string,
    list: SqlPiece,
    requests: readonly SettleRequest[],
    mayWait: boolean,
  ): Work<readonly boolean[]> {
    const found = `${settle} ${this.found(list, mayWait)} RETURNING`;
    const { parameters } = list;
    const { sql, parameters: values } = requests.some(isRemembered)
      ? withLines(this.history, { sql: `${found} n.*`, parameters }, requests)
      : { sql: `${found} n.place`, parameters };
    const done = requests.map(() => false);
    for (const [place] of yield* queryValues(sql, values)) done[(integerOf(place) ?? 0) - 1] = true;
    return done;
  }
}

const isRemembered = ({ execution }: SettleRequest): boolean => execution !== undefined;

const proofsOf = (requests: readonly LeaseProof[]): SqlValue[][] => [
  requests.map(({ task }) => task),
  requests.map(({ instance }) => instance),
  requests.map(({ leaseToken }) => leaseToken),
  requests.map(({ attempt }) => attempt),
];

/** The list `n` of settlements: their proofs, then what else is given, then what the history remembers of them, and their places. */
function listOf(
  requests: readonly SettleRequest[],
  types: readonly string[],
  names: string,
  lists: readonly SqlValue[][],
): SqlPiece {
  const isLong = requests.some(isRemembered);
  const allTypes = [...PROOF, ...types, ...(isLong ? LINE_TYPES : [])];
  const allNames = [PROOF_NAMES, names, isLong ? LINE_NAMES : '', 'place'].filter((one) => one !== '');
  const all = [...proofsOf(requests), ...lists, ...(isLong ? lineListsOf(requests) : [])];
  return {
    sql: `${unnest(allTypes)} WITH ORDINALITY AS n (${allNames.join(', ')})`,
    parameters: all.map(shortArrayOf),
  };
}
