import { isRecord } from '../../core/read-option.js';
import { RepositoryException } from '../../core/errors.js';
import type { Hold, RowError, RowKey, TaskRow, Trigger } from '../../core/task-row.js';
import type { SqlRecord, SqlValue } from './statement.js';

/** What kind of value a column holds; each dialect has a type for it. */
export type ColumnKind = 'name' | 'word' | 'text' | 'moment' | 'count';

/** One column of the table: its name, what it holds, and where it is in a row. */
export interface TaskColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly isRequired: boolean;
  encode(row: TaskRow): SqlValue;
}

const column = (
  name: string,
  kind: ColumnKind,
  isRequired: boolean,
  encode: (row: TaskRow) => SqlValue,
): TaskColumn => ({ name, kind, isRequired, encode });

/** All columns but `version`, which counts the writes of a row and is nobody's business but the statements'. */
export const COLUMNS: readonly TaskColumn[] = [
  column('task', 'name', true, (row) => row.task),
  column('instance', 'name', true, (row) => row.instance),
  column('queue', 'name', true, (row) => row.queue),
  column('due_at', 'moment', false, (row) => row.dueAt),
  column('scheduled_at', 'moment', false, (row) => row.scheduledAt),
  column('locked_until', 'moment', false, (row) => row.lockedUntil),
  column('lease_token', 'word', false, (row) => row.leaseToken),
  column('locked_by', 'word', false, (row) => row.lockedBy),
  column('attempt', 'count', true, (row) => row.attempt),
  column('execution_id', 'word', false, (row) => row.executionId),
  column('hold', 'word', false, (row) => row.hold),
  column('queued_run', 'text', false, (row) => encodeJson(row.queued)),
  column('current_run', 'text', false, (row) => encodeJson(row.current)),
  column('jitter_ms', 'moment', true, (row) => row.jitterMs),
  column('schedule', 'text', true, (row) => row.schedule),
  column('args', 'text', true, (row) => row.args),
  column('last_error', 'text', false, (row) => encodeJson(row.lastError)),
  column('origin', 'word', false, (row) => row.origin),
];

/** A row as the database answered it. @throws RepositoryException when it is not what was written */
export function decodeRow(record: SqlRecord): TaskRow {
  const read = new RecordReader(record);
  return {
    task: read.text('task'),
    instance: read.text('instance'),
    queue: read.text('queue'),
    schedule: read.text('schedule'),
    args: read.text('args'),
    jitterMs: read.number('jitter_ms'),
    scheduledAt: read.numberOrNull('scheduled_at'),
    dueAt: read.numberOrNull('due_at'),
    lockedUntil: read.numberOrNull('locked_until'),
    leaseToken: read.textOrNull('lease_token'),
    lockedBy: read.textOrNull('locked_by'),
    attempt: read.number('attempt'),
    executionId: read.textOrNull('execution_id'),
    hold: holdOf(read.textOrNull('hold')),
    queued: triggerOf(read.textOrNull('queued_run')),
    current: triggerOf(read.textOrNull('current_run')),
    lastError: errorOf(read.textOrNull('last_error')),
    origin: read.textOrNull('origin'),
  };
}

/** Reads the values of one record: drivers answer big numbers as strings, and names as bytes. */
export class RecordReader {
  constructor(private readonly record: SqlRecord) {}

  text(name: string): string {
    return this.textOrNull(name) ?? this.refuse(name);
  }

  textOrNull(name: string): string | null {
    const value = this.record[name] ?? null;
    if (value === null || typeof value === 'string') return value;
    return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : this.refuse(name);
  }

  number(name: string): number {
    return this.numberOrNull(name) ?? this.refuse(name);
  }

  numberOrNull(name: string): number | null {
    const value = this.record[name] ?? null;
    if (value === null) return null;
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : this.refuse(name);
  }

  private refuse(name: string): never {
    throw new RepositoryException(
      `A row of the scheduler's table cannot be read: its ${name} is ${String(this.record[name])}`,
    );
  }
}

const encodeJson = (value: Trigger | RowError | null): string | null =>
  value === null ? null : JSON.stringify(value);

const holdOf = (text: string | null): Hold | null => (text === 'paused' || text === 'parked' ? text : null);

function triggerOf(text: string | null): Trigger | null {
  const value = parsed(text);
  if (value === null) return null;
  const { at, args, origin } = value;
  const trigger = { at: typeof at === 'number' ? at : 0, args: typeof args === 'string' ? args : null };
  return typeof origin === 'string' ? { ...trigger, origin } : trigger;
}

function errorOf(text: string | null): RowError | null {
  const value = parsed(text);
  if (value === null) return null;
  const { name, message, at } = value;
  return { name: String(name), message: String(message), at: typeof at === 'number' ? at : 0 };
}

/** What people have written into these columns by hand is ignored rather than stopping the scheduler. */
function parsed(text: string | null): Record<string, unknown> | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/** The key of a row as a statement answered it. */
export function keyOf(record: SqlRecord): RowKey {
  const read = new RecordReader(record);
  return { task: read.text('task'), instance: read.text('instance') };
}
