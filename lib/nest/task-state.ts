import { DateTime } from 'luxon';
import { resolveZone } from '../core/schedule/zone.js';
import type { StoredInstance } from '../engine/stored-instance.js';
import type { TaskState } from './interfaces/task-state.js';

/** A stored instance with its moments in the task's zone. */
export function taskState(stored: StoredInstance): TaskState {
  const zone = resolveZone(stored.timezone);
  const moment = (at: number): DateTime => DateTime.fromMillis(at, { zone });
  const {
    task,
    instanceName,
    schedule,
    args,
    scheduledAt,
    lockedUntil,
    lockedBy,
    attempt,
    state,
    lastError,
  } = stored;
  return {
    task: task.name,
    instanceName,
    schedule,
    args,
    scheduledAt: scheduledAt === null ? null : moment(scheduledAt),
    lockedUntil: lockedUntil === null ? null : moment(lockedUntil),
    lockedBy,
    attempt,
    state,
    lastError: lastError && { ...lastError, at: moment(lastError.at) },
  };
}
