import type { ExecutionEntry } from '../../core/execution-history.js';
import { isRecord } from '../../core/read-option.js';
import type { Dialect, TaskTable } from './dialects/dialect.js';
import { tableOf } from './schema.js';
import type { SqlRecord, SqlValue } from './statement.js';
import { type ColumnKind, RecordReader } from './task-columns.js';

/** One column of the history: its name, what it holds, and where it is in an entry. */
interface HistoryColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly isRequired: boolean;
  encode(entry: ExecutionEntry): SqlValue;
}

const column = (
  name: string,
  kind: ColumnKind,
  isRequired: boolean,
  encode: (entry: ExecutionEntry) => SqlValue,
): HistoryColumn => ({ name, kind, isRequired, encode });

/** How a failure is kept. */
export const failureOf = (error: ExecutionEntry['error']): string | null =>
  error === null ? null : JSON.stringify(error);

/** An execution that succeeded has no `failure`. */
export const HISTORY_COLUMNS: readonly HistoryColumn[] = [
  column('task', 'name', true, (entry) => entry.task),
  column('finished_at', 'moment', true, (entry) => entry.finishedAt),
  column('execution_id', 'name', true, (entry) => entry.executionId),
  column('attempt', 'count', true, (entry) => entry.attempt),
  column('instance', 'name', true, (entry) => entry.instance),
  column('scheduled_at', 'moment', true, (entry) => entry.scheduledAt),
  column('started_at', 'moment', true, (entry) => entry.startedAt),
  column('failure', 'text', false, ({ error }) => failureOf(error)),
  column('ran_on', 'word', true, (entry) => entry.process),
];

/** The table beside the scheduler's own. */
export const historyTableOf = (dialect: Dialect, { name, schema }: TaskTable): TaskTable =>
  tableOf(dialect, `${name}_executions`, schema);

/** The statements that create the history's table, harmless where it exists. `table`: the scheduler's own. */
export function historyCreationOf(dialect: Dialect, table: TaskTable): readonly string[] {
  const columns = HISTORY_COLUMNS.map(
    ({ name, kind, isRequired }) => `${name} ${dialect.columnType(kind)}${isRequired ? ' NOT NULL' : ''}`,
  );
  return dialect.createHistory(historyTableOf(dialect, table), `${table.name}_by_instance`, columns);
}

/** An entry as the database answered it. @throws RepositoryException when it is not what was written */
export function decodeEntry(record: SqlRecord): ExecutionEntry {
  const read = new RecordReader(record);
  const error = errorOf(read.textOrNull('failure'));
  return {
    task: read.text('task'),
    instance: read.text('instance'),
    executionId: read.text('execution_id'),
    attempt: read.number('attempt'),
    scheduledAt: read.number('scheduled_at'),
    startedAt: read.number('started_at'),
    finishedAt: read.number('finished_at'),
    outcome: error === null ? 'succeeded' : 'failed',
    error,
    process: read.text('ran_on'),
  };
}

/** What people have written there by hand is shown as it is rather than hiding the page it is on. */
function errorOf(text: string | null): ExecutionEntry['error'] {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return { name: String(value['name']), message: String(value['message']) };
  } catch {
    // Not ours.
  }
  return { name: 'Error', message: text };
}
