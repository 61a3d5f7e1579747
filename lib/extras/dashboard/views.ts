import type { DateTime } from 'luxon';
import type { Schedule } from '../../core/schedule/schedule.js';
import type { ExecutionRecord } from '../../nest/interfaces/execution-record.js';
import type { TaskDescription, TaskState } from '../../nest/interfaces/task-state.js';
import type { HistoryEntry, InstanceView, MomentView, TaskView } from './wire.js';

// What the service answers, as the page is told.

export const momentView = (moment: DateTime): MomentView => ({
  at: moment.toMillis(),
  local: moment.toFormat('yyyy-MM-dd HH:mm:ss'),
  zone: moment.zoneName ?? 'UTC',
});

export function instanceView(state: TaskState): InstanceView {
  const { task, instanceName, schedule, scheduledAt, lockedUntil, lockedBy, attempt, lastError } = state;
  return {
    task,
    instance: instanceName,
    schedule: schedule && scheduleText(schedule),
    scheduledAt: scheduledAt && momentView(scheduledAt),
    lockedUntil: lockedUntil && lockedUntil.toMillis(),
    lockedBy,
    attempt,
    state: state.state,
    error: lastError && {
      name: lastError.name,
      message: lastError.message,
      at: lastError.at.toMillis(),
    },
  };
}

/** A task, with what had to be asked for. */
export function taskView(
  { name, kind, schedule, options, isEnabled, declaredAt }: TaskDescription,
  asked: Pick<TaskView, 'instance' | 'isPaused' | 'parked'>,
): TaskView {
  const { timezone } = options;
  return {
    name,
    kind,
    schedule: schedule && scheduleText(schedule),
    timezone: schedule?.kind === 'cron' ? schedule.timezone : timezone,
    declaredAt,
    isEnabled,
    ...asked,
  };
}

export const historyEntry = (record: ExecutionRecord): HistoryEntry => ({
  id: `${record.executionId}#${record.attempt}`,
  attempt: record.attempt,
  scheduledAt: momentView(record.scheduledAt),
  startedAt: record.startedAt.toMillis(),
  finishedAt: record.finishedAt.toMillis(),
  outcome: record.outcome,
  error: record.error,
  process: record.process,
});

/** A schedule in few words. */
export function scheduleText(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'cron':
      return schedule.expression;
    case 'interval':
      return `every ${durationText(schedule.everyMs)}`;
    case 'once':
      return 'once';
  }
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
  [1, 'ms'],
] as const;

/** `1 h 30 min` */
function durationText(ms: number): string {
  const parts: string[] = [];
  let rest = ms;
  for (const [size, unit] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    rest -= count * size;
  }
  return parts.join(' ');
}
