import { isRecord } from '../../core/read-option.js';
import { RepositoryException } from '../../core/errors.js';
import type { Hold, RowError, RowKey, TaskRow, Trigger } from '../../core/task-row.js';
import type { SqlRecord, SqlValue, SqlValues } from './statement.js';

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
  // NULL where it is the lease's token, as at a first attempt; without an attempt there is none.
  column('execution_id', 'word', false, (row) =>
    row.executionId === row.leaseToken ? null : row.executionId,
  ),
  column('hold', 'word', false, (row) => row.hold),
  column('queued_run', 'text', false, (row) => encodeJson(row.queued)),
  column('current_run', 'text', false, (row) => encodeJson(row.current)),
  column('jitter_ms', 'moment', true, (row) => row.jitterMs),
  column('schedule', 'text', true, (row) => row.schedule),
  column('args', 'text', true, (row) => row.args),
  column('last_error', 'text', false, (row) => encodeJson(row.lastError)),
  column('origin', 'word', false, (row) => row.origin),
];

/** Their names, in the order in which statements name them. */
export const COLUMN_NAMES: readonly string[] = COLUMNS.map(({ name }) => name);

const placeOf = (name: string): number => COLUMN_NAMES.indexOf(name);

/** Where each column is among the values of a row. */
const AT = {
  task: placeOf('task'),
  instance: placeOf('instance'),
  queue: placeOf('queue'),
  schedule: placeOf('schedule'),
  args: placeOf('args'),
  jitterMs: placeOf('jitter_ms'),
  scheduledAt: placeOf('scheduled_at'),
  dueAt: placeOf('due_at'),
  lockedUntil: placeOf('locked_until'),
  leaseToken: placeOf('lease_token'),
  lockedBy: placeOf('locked_by'),
  attempt: placeOf('attempt'),
  executionId: placeOf('execution_id'),
  hold: placeOf('hold'),
  queued: placeOf('queued_run'),
  current: placeOf('current_run'),
  lastError: placeOf('last_error'),
  origin: placeOf('origin'),
} as const;

/** A row as the database answered it. @throws RepositoryException when it is not what was written */
export function decodeRow(record: SqlRecord): TaskRow {
  return decodeValues(
    COLUMN_NAMES.map((name) => record[name]),
    0,
  );
}

/** The same from the values of its columns, which begin at `from`. */
export function decodeValues(values: SqlValues, from: number): TaskRow {
  const leaseToken = textOrNull('lease_token', values[from + AT.leaseToken]);
  const attempt = requiredInteger('attempt', values[from + AT.attempt]);
  return {
    task: textOf('task', values[from + AT.task]),
    instance: textOf('instance', values[from + AT.instance]),
    queue: textOf('queue', values[from + AT.queue]),
    schedule: textOf('schedule', values[from + AT.schedule]),
    args: textOf('args', values[from + AT.args]),
    jitterMs: requiredInteger('jitter_ms', values[from + AT.jitterMs]),
    scheduledAt: integerOf(values[from + AT.scheduledAt]),
    dueAt: integerOf(values[from + AT.dueAt]),
    lockedUntil: integerOf(values[from + AT.lockedUntil]),
    leaseToken,
    lockedBy: textOrNull('locked_by', values[from + AT.lockedBy]),
    attempt,
    executionId:
      attempt === 0 ? null : (textOrNull('execution_id', values[from + AT.executionId]) ?? leaseToken),
    hold: holdOf(textOrNull('hold', values[from + AT.hold])),
    queued: triggerOf(textOrNull('queued_run', values[from + AT.queued])),
    current: triggerOf(textOrNull('current_run', values[from + AT.current])),
    lastError: errorOf(textOrNull('last_error', values[from + AT.lastError])),
    origin: textOrNull('origin', values[from + AT.origin]),
  };
}

/** A whole number; drivers answer big ones as strings. @throws RepositoryException when it is none */
export function integerOf(value: unknown, name = 'moment'): number | null {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : refuse(name, value);
}

export const requiredInteger = (name: string, value: unknown): number =>
  integerOf(value, name) ?? refuse(name, value);

/** Drivers answer names as bytes where they are kept as such. */
export function textOrNull(name: string, value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return null;
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : refuse(name, value);
}

export const textOf = (name: string, value: unknown): string =>
  textOrNull(name, value) ?? refuse(name, value);

function refuse(name: string, value: unknown): never {
  throw new RepositoryException(
    `A row of the scheduler's table cannot be read: its ${name} is ${String(value)}`,
  );
}

/** Reads the values of one record. */
export class RecordReader {
  constructor(private readonly record: SqlRecord) {}

  text(name: string): string {
    return textOf(name, this.record[name]);
  }

  textOrNull(name: string): string | null {
    return textOrNull(name, this.record[name]);
  }

  number(name: string): number {
    return requiredInteger(name, this.record[name]);
  }

  numberOrNull(name: string): number | null {
    return integerOf(this.record[name], name);
  }
}

/** A trigger or an error as its column holds it. */
export const encodeJson = (value: Trigger | RowError | null): string | null =>
  value === null ? null : JSON.stringify(value);

const holdOf = (text: string | null): Hold | null => (text === 'paused' || text === 'parked' ? text : null);

export function triggerOf(text: string | null): Trigger | null {
  const value = parsed(text);
  if (value === null) return null;
  const { at, args, origin } = value;
  const trigger = { at: typeof at === 'number' ? at : 0, args: typeof args === 'string' ? args : null };
  return typeof origin === 'string' ? { ...trigger, origin } : trigger;
}

export function errorOf(text: string | null): RowError | null {
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
