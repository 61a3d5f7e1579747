import { type RawOptions, isRecord } from '../../core/read-option.js';
import type { Hold, RowError, RowKey, TaskRow, Trigger } from '../../core/task-row.js';

/** A row as it is written: JSON in which whatever is as most rows have it is left out. Its key is the key of its field. */
export function encodeRow(row: TaskRow, homeQueue: string): string {
  return JSON.stringify({
    queue: row.queue === homeQueue ? undefined : row.queue,
    schedule: row.schedule,
    args: row.args === '{}' ? undefined : row.args,
    jitterMs: row.jitterMs === 0 ? undefined : row.jitterMs,
    scheduledAt: row.scheduledAt ?? undefined,
    dueAt: row.dueAt ?? undefined,
    lockedUntil: row.lockedUntil ?? undefined,
    leaseToken: row.leaseToken ?? undefined,
    lockedBy: row.lockedBy ?? undefined,
    attempt: row.attempt === 0 ? undefined : row.attempt,
    executionId: row.executionId === row.leaseToken ? undefined : row.executionId,
    hold: row.hold ?? undefined,
    queued: row.queued ?? undefined,
    current: row.current ?? undefined,
    lastError: row.lastError ?? undefined,
    origin: row.origin ?? undefined,
  });
}

/**
 * The row that was written. What people have written into it by hand is ignored rather than stopping the scheduler: a row without a
 * schedule is due at once, and so parked by whoever cannot read it.
 */
export function decodeRow({ task, instance }: RowKey, homeQueue: string, text: string): TaskRow {
  const read = new FieldReader(parsed(text));
  const schedule = read.textOrNull('schedule');
  const leaseToken = read.textOrNull('leaseToken');
  const hold = holdOf(read.textOrNull('hold'));
  return {
    task,
    instance,
    queue: read.textOrNull('queue') ?? homeQueue,
    schedule: schedule ?? '',
    args: read.textOrNull('args') ?? '{}',
    jitterMs: read.numberOrNull('jitterMs') ?? 0,
    scheduledAt: read.numberOrNull('scheduledAt'),
    dueAt: read.numberOrNull('dueAt') ?? (schedule === null && hold === null ? 0 : null),
    lockedUntil: read.numberOrNull('lockedUntil'),
    leaseToken,
    lockedBy: read.textOrNull('lockedBy'),
    attempt: read.numberOrNull('attempt') ?? 0,
    executionId: read.has('executionId') ? read.textOrNull('executionId') : leaseToken,
    hold,
    queued: triggerOf(read.recordOrNull('queued')),
    current: triggerOf(read.recordOrNull('current')),
    lastError: errorOf(read.recordOrNull('lastError')),
    origin: read.textOrNull('origin'),
  };
}

class FieldReader {
  constructor(private readonly fields: RawOptions) {}

  has(name: string): boolean {
    return this.fields[name] !== undefined;
  }

  textOrNull(name: string): string | null {
    const value = this.fields[name];
    return typeof value === 'string' ? value : null;
  }

  numberOrNull(name: string): number | null {
    const value = this.fields[name];
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
  }

  recordOrNull(name: string): RawOptions | null {
    const value = this.fields[name];
    return isRecord(value) ? value : null;
  }
}

function parsed(text: string): RawOptions {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

const holdOf = (text: string | null): Hold | null => (text === 'paused' || text === 'parked' ? text : null);

const momentOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

function triggerOf(value: RawOptions | null): Trigger | null {
  if (value === null) return null;
  const { at, args, origin } = value;
  const trigger = { at: momentOf(at), args: typeof args === 'string' ? args : null };
  return typeof origin === 'string' ? { ...trigger, origin } : trigger;
}

function errorOf(value: RawOptions | null): RowError | null {
  if (value === null) return null;
  const { name, message, at } = value;
  return { name: String(name), message: String(message), at: momentOf(at) };
}
