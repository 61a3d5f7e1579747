import type { LeaseProof } from '../../core/task-repository.js';
import type { TaskTable } from './dialects/dialect.js';
import {
  type Advance,
  IS_UNTOUCHED,
  type QuickSettlements,
  advanceAssignments,
} from './quick-settlements.js';
import { type SqlValue, type Work, queryEach } from './statement.js';
import { encodeJson } from './task-columns.js';

const IS_PROVEN = `task = ? AND instance = ? AND lease_token = ? AND attempt = ? AND ${IS_UNTOUCHED}`;

/** A short statement for each row: they cost no round trip, and the driver keeps them prepared. */
export class SqliteQuickSettlements implements QuickSettlements {
  readonly needsTransaction = true;

  constructor(private readonly table: TaskTable) {}

  advance(requests: readonly Advance[]): Work<readonly boolean[]> {
    const sql = `UPDATE ${this.table.sql} AS t SET ${advanceAssignments('?', '?', '?')} WHERE ${IS_PROVEN}`;
    const valuesOf = ({ settlement: { next, jitterMs, error } }: Advance): SqlValue[] => [
      next,
      next,
      jitterMs,
      jitterMs,
      encodeJson(error),
    ];
    return this.each(sql, requests, valuesOf);
  }

  finish(requests: readonly LeaseProof[]): Work<readonly boolean[]> {
    return this.each(`DELETE FROM ${this.table.sql} AS t WHERE ${IS_PROVEN}`, requests, () => []);
  }

  private *each<Request extends LeaseProof>(
    sql: string,
    requests: readonly Request[],
    valuesOf: (request: Request) => SqlValue[],
  ): Work<readonly boolean[]> {
    const lists = requests.map((request) => {
      const { task, instance, leaseToken, attempt } = request;
      return [...valuesOf(request), task, instance, leaseToken, attempt];
    });
    return (yield* queryEach(sql, lists)).map((affected) => affected === 1);
  }
}
