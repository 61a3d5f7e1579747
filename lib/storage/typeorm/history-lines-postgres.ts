import type { ExecutionEntry } from '../../core/execution-history.js';
import type { SettleRequest } from '../../core/task-repository.js';
import { failureOf } from './history-schema.js';
import type { SqlPiece, SqlValue } from './statement.js';

/** What a list of settlements has to bring beside them, so that what the history remembers can be written from what was settled. */
const COLUMNS = {
  execution: 'text',
  nth: 'integer',
  occurred: 'bigint',
  started: 'bigint',
  finished: 'bigint',
  failure: 'text',
  ran_on: 'text',
} as const;

export const LINE_NAMES = Object.keys(COLUMNS).join(', ');
export const LINE_TYPES: readonly string[] = Object.values(COLUMNS);

/** One list for each of these columns. What a settlement says itself, or what all have in common, is left out. */
export function lineListsOf(requests: readonly SettleRequest[]): readonly SqlValue[][] {
  const ranOn = processOf(requests);
  const each = (value: (entry: ExecutionEntry, request: SettleRequest) => SqlValue): SqlValue[] =>
    requests.map((request) => (request.execution === undefined ? null : value(request.execution, request)));
  return [
    each(({ executionId }, { leaseToken }) => (executionId === leaseToken ? null : executionId)),
    each(({ attempt }, request) => (attempt === request.attempt ? null : attempt)),
    each(({ scheduledAt }) => scheduledAt),
    each(({ startedAt }) => startedAt),
    each(({ finishedAt }) => finishedAt),
    each(({ error }) => failureOf(error)),
    each(({ process }) => (process === ranOn ? null : process)),
  ];
}

/** A statement that settles and answers `n.*`, made one that also writes the history of what it settled; it answers the places. */
export const withLines = (
  history: string,
  settling: SqlPiece,
  requests: readonly SettleRequest[],
): SqlPiece => ({
  sql: `WITH done AS (${settling.sql}), lines AS (
  INSERT INTO ${history} (task, instance, execution_id, attempt, scheduled_at, started_at, finished_at, failure, ran_on)
  SELECT d.task, d.instance, COALESCE(d.execution, d.token), COALESCE(d.nth, d.attempt), d.occurred, d.started, d.finished, d.failure, COALESCE(d.ran_on, ?::text)
  FROM done d WHERE d.finished IS NOT NULL)
SELECT place FROM done`,
  parameters: [...settling.parameters, processOf(requests)],
});

const processOf = (requests: readonly SettleRequest[]): string =>
  requests.find(({ execution }) => execution !== undefined)?.execution?.process ?? '';
