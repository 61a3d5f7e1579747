import { durationText, iso } from './moments.js';
import type { Moments } from './moments.js';
import type { Schedule } from '../core/schedule/schedule.js';
import type { ListedRow } from '../core/task-repository.js';
import { type StoredInstance, storedInstance } from '../engine/stored-instance.js';
import type { RowState } from '../core/row-state.js';
import type { Paint, Terminal } from './terminal.js';

/** A row as far as it can be read where its task's code is not at hand: its own args, and UTC where it has no zone. */
export const instanceOf = (listed: ListedRow): StoredInstance =>
  storedInstance({ name: listed.row.task, args: {}, timezone: 'UTC' }, listed);

/** An instance for programs. Moments are ISO 8601, UTC. */
export function instanceJson(listed: ListedRow, hasArgs: boolean): object {
  const { row } = listed;
  const { instanceName, schedule, timezone, args, state, lastError } = instanceOf(listed);
  return {
    task: row.task,
    instance: instanceName,
    state,
    schedule: schedule === null ? null : scheduleJson(schedule),
    timezone,
    scheduledAt: iso(row.scheduledAt),
    dueAt: iso(row.dueAt),
    lockedUntil: iso(row.lockedUntil),
    lockedBy: row.lockedBy,
    attempt: row.attempt,
    executionId: row.executionId,
    triggeredAt: iso(row.queued?.at ?? null),
    lastError: lastError && { ...lastError, at: iso(lastError.at) },
    ...(hasArgs && { args }),
  };
}

function scheduleJson(schedule: Schedule): object {
  return schedule.kind === 'once' && 'at' in schedule ? { ...schedule, at: iso(schedule.at) } : schedule;
}

/** A schedule in a few words. */
export function scheduleText(schedule: Schedule | null, moments: Moments): string {
  if (schedule === null) return '(cannot be read)';
  if (schedule.kind === 'interval') return `every ${durationText(schedule.everyMs)}`;
  if (schedule.kind === 'once')
    return 'at' in schedule
      ? `once at ${moments.text(schedule.at)}`
      : `once after ${durationText(schedule.inMs)}`;
  const fields = schedule.expression.trim().split(/\s+/).length;
  const seconds = fields === 6 && schedule.seconds === 'last' ? ', seconds last' : '';
  return `${schedule.expression} (${schedule.timezone}${seconds})`;
}

const COLOURS: Readonly<Record<RowState, Paint | null>> = {
  scheduled: null,
  running: 'cyan',
  paused: 'yellow',
  parked: 'red',
};

export function paintState(terminal: Terminal, state: RowState, text: string): string {
  const colour = COLOURS[state];
  return colour === null ? text : terminal.paint(colour, text);
}

/** The last error in one line. */
export const errorText = ({ lastError }: StoredInstance): string =>
  lastError === null ? '' : `${lastError.name}: ${lastError.message.split('\n')[0] ?? ''}`;
