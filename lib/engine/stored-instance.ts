import { mergeArgs } from '../core/args.js';
import type { JsonObject } from '../core/json.js';
import type { RowState } from '../core/row-state.js';
import type { Schedule } from '../core/schedule/schedule.js';
import type { TaskDefinition } from '../core/task.js';
import type { ListedRow } from '../core/task-repository.js';
import type { RowError } from '../core/task-row.js';
import { claimableAt } from '../core/task-transitions.js';
import { decodeArgs, decodeSchedule, instanceNameOf } from '../core/task-spec.js';

/** What has to be known of a task to read its rows. */
export type TaskOfRow = Pick<TaskDefinition, 'name' | 'args' | 'timezone'>;

/** An instance as the repository has it, read for people. */
export interface StoredInstance {
  readonly task: TaskOfRow;
  readonly instanceName: string | null;
  /** null when this release cannot read it. */
  readonly schedule: Schedule | null;
  readonly args: JsonObject;
  readonly scheduledAt: number | null;
  readonly lockedUntil: number | null;
  /** From when a claim may take it; null while it is held. */
  readonly claimableAt: number | null;
  readonly lockedBy: string | null;
  readonly attempt: number;
  readonly state: RowState;
  readonly lastError: RowError | null;
  /** The zone in which its moments are shown. */
  readonly timezone: string;
}

export function storedInstance(task: TaskOfRow, { row, state }: ListedRow): StoredInstance {
  const schedule = readable(() => decodeSchedule(row.schedule));
  return {
    task,
    instanceName: instanceNameOf(row),
    schedule,
    args: readable(() => mergeArgs(task.args, decodeArgs(row.args))) ?? {},
    scheduledAt: row.scheduledAt,
    lockedUntil: row.lockedUntil,
    claimableAt: claimableAt(row),
    lockedBy: row.lockedBy,
    attempt: row.attempt,
    state,
    lastError: row.lastError,
    timezone: zoneOf(task, schedule),
  };
}

/** The zone of an instance's own schedule, else its task's. */
export function zoneOf(task: Pick<TaskOfRow, 'timezone'>, schedule: Schedule | null): string {
  return schedule === null || schedule.kind === 'interval'
    ? task.timezone
    : (schedule.timezone ?? task.timezone);
}

function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
