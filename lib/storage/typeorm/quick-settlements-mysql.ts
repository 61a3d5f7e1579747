import type { LeaseProof } from '../../core/task-repository.js';
import { partsOf } from '../parts.js';
import type { TaskTable } from './dialects/dialect.js';
import { UNSAID, mysql } from './dialects/mysql.js';
import { inPairs, values } from './dialects/lists.js';
import { type Advance, type QuickSettlements } from './quick-settlements.js';
import { type SqlPiece, type SqlValue, type Work, query } from './statement.js';
import { encodeJson } from './task-columns.js';

const NAMES = [
  'task',
  'instance',
  'lease_token',
  'attempt',
  'scheduled_at',
  'due_at',
  'jitter_ms',
  'last_error',
];
const SAID = [...NAMES, ...UNSAID.filter(({ name }) => !NAMES.includes(name)).map(({ name }) => name)];
const ZEROS: readonly SqlValue[] = SAID.slice(NAMES.length).map(() => 0);

const IS_PROVEN =
  'lease_token = VALUES(lease_token) AND attempt = VALUES(attempt) AND hold IS NULL AND queued_run IS NULL AND current_run IS NULL';

/**
 * What is assigned is seen by the assignments behind it: whether the row is proven is remembered in the sign of its version until the end.
 */
const IS_DONE = 'version < 0';
const ADVANCE = [
  `version = IF(${IS_PROVEN}, -1 - version, version)`,
  ...['scheduled_at', 'due_at', 'jitter_ms', 'last_error'].map(
    (name) => `${name} = IF(${IS_DONE}, VALUES(${name}), ${name})`,
  ),
  ...['locked_until', 'lease_token', 'locked_by', 'execution_id'].map(
    (name) => `${name} = IF(${IS_DONE}, NULL, ${name})`,
  ),
  `attempt = IF(${IS_DONE}, 0, attempt)`,
  `version = IF(${IS_DONE}, -version, version)`,
].join(', ');

/**
 * One statement for all, or for none of them: it says how many rows it has written, not which. Where it was not all of them, what it wrote
 * is taken back, and each is left to be looked at.
 */
export class MysqlQuickSettlements implements QuickSettlements {
  readonly needsTransaction = true;

  constructor(private readonly table: TaskTable) {}

  /** An INSERT that finds its rows there, and so counts each of them as two: half the time of an UPDATE joined with a list. */
  advance(requests: readonly Advance[]): Work<readonly boolean[]> {
    return this.allOrNone(requests, 2, (part) => {
      const { sql, parameters } = values(
        part.map(({ task, instance, leaseToken, attempt, settlement: { next, jitterMs, error } }) => [
          mysql.key(task),
          mysql.key(instance),
          leaseToken,
          attempt,
          next,
          next + jitterMs,
          jitterMs,
          encodeJson(error),
          ...ZEROS,
        ]),
      );
      return {
        sql: `INSERT INTO ${this.table.sql} (${SAID.join(', ')}) ${sql} ON DUPLICATE KEY UPDATE ${ADVANCE}`,
        parameters,
      };
    });
  }

  finish(requests: readonly LeaseProof[]): Work<readonly boolean[]> {
    return this.allOrNone(requests, 1, (part) => {
      const keys = inPairs(part.map(({ task, instance }) => [mysql.key(task), mysql.key(instance)]));
      const proofs = part.map(() => '(?, ?)').join(', ');
      return {
        sql: `DELETE FROM ${this.table.sql} WHERE ${keys.sql} AND (lease_token, attempt) IN (${proofs}) AND hold IS NULL AND queued_run IS NULL AND current_run IS NULL`,
        parameters: [
          ...keys.parameters,
          ...part.flatMap(({ leaseToken, attempt }): SqlValue[] => [leaseToken, attempt]),
        ],
      };
    });
  }

  /** `countOfEach`: how many rows the database says were written for each. */
  private *allOrNone<Request extends LeaseProof>(
    requests: readonly Request[],
    countOfEach: number,
    statementOf: (part: readonly Request[]) => SqlPiece,
  ): Work<readonly boolean[]> {
    yield* query('SAVEPOINT pyncette');
    let areAll = true;
    for (const part of partsOf(requests, mysql.rowsPerStatement)) {
      const { sql, parameters } = statementOf(part);
      const { affected } = yield* query(sql, parameters);
      areAll = affected === part.length * countOfEach;
      if (!areAll) break;
    }
    if (!areAll) yield* query('ROLLBACK TO SAVEPOINT pyncette');
    return requests.map(() => areAll);
  }
}
