import type { TaskRow } from '../../core/task-row.js';
import type { SqlValues } from './statement.js';
import { errorOf, integerOf, requiredInteger, textOf, textOrNull, triggerOf } from './task-columns.js';

/** What a claim has to be told of a row: the rest it has written itself. */
export const LEASED_COLUMNS = [
  'due_at',
  'scheduled_at',
  'task',
  'instance',
  'attempt',
  'execution_id',
  'queued_run',
  'current_run',
  'jitter_ms',
  'schedule',
  'args',
  'last_error',
  'origin',
] as const;

/** What is the same for the rows that a claim has taken from one queue. */
export interface GivenLease {
  readonly queue: string;
  readonly lockedUntil: number;
  readonly lockedBy: string;
}

/** A row as a claim has left it, from its LEASED_COLUMNS, which begin at `from`. @throws RepositoryException when they cannot be read */
export function decodeLeased(values: SqlValues, from: number, lease: GivenLease, token: string): TaskRow {
  return {
    task: textOf('task', values[from + 2]),
    instance: textOf('instance', values[from + 3]),
    queue: lease.queue,
    schedule: textOf('schedule', values[from + 9]),
    args: textOf('args', values[from + 10]),
    jitterMs: requiredInteger('jitter_ms', values[from + 8]),
    scheduledAt: integerOf(values[from + 1], 'scheduled_at'),
    dueAt: integerOf(values[from], 'due_at'),
    lockedUntil: lease.lockedUntil,
    leaseToken: token,
    lockedBy: lease.lockedBy,
    attempt: requiredInteger('attempt', values[from + 4]),
    executionId: textOrNull('execution_id', values[from + 5]) ?? token,
    hold: null,
    queued: triggerOf(textOrNull('queued_run', values[from + 6])),
    current: triggerOf(textOrNull('current_run', values[from + 7])),
    lastError: errorOf(textOrNull('last_error', values[from + 11])),
    origin: textOrNull('origin', values[from + 12]),
  };
}
