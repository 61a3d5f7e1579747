import { DateTime } from 'luxon';
import { occurrencesAhead } from '../core/schedule/ahead.js';
import { type Schedule, occurrencesOf } from '../core/schedule/schedule.js';
import { resolveZone } from '../core/schedule/zone.js';
import { passedBy } from '../core/settlement.js';
import { type TaskDefinition, canonicalName } from '../core/task.js';
import { STATIC_INSTANCE } from '../core/task-row.js';
import { jitterOf } from '../engine/claimed-task.js';

/** Whose runs are wanted: an instance, a static task, or a template with its default schedule. */
export interface RunsOf {
  readonly task: TaskDefinition;
  readonly instanceName: string | null;
  readonly schedule: Schedule | null;
  /** The next occurrence; null: as if it were scheduled now. */
  readonly scheduledAt: number | null;
}

/** How many, and how far. */
export interface RunsRange {
  readonly now: number;
  readonly limit: number;
  readonly until?: number;
}

/** The moments at which something runs by its schedule, without those that its `missed` drops; none if it cannot be computed. */
export function runsAhead(of: RunsOf, { now, limit, until }: RunsRange): number[] {
  const { task, instanceName, schedule, scheduledAt } = of;
  if (schedule === null) return [];
  try {
    const occurrences = occurrencesOf(schedule, canonicalName(task.name, instanceName));
    const from = scheduledAt ?? occurrences.place(now);
    const jitterMs = jitterOf(task, { task: task.name, instance: instanceName ?? STATIC_INSTANCE });
    return occurrencesAhead(occurrences, {
      from,
      notBefore: task.missed === 'all' ? null : passedBy(now, jitterMs),
      until,
      limit,
    });
  } catch {
    return [];
  }
}

/** Moments in the zone of a schedule, else of its task. */
export function inZoneOf(of: RunsOf, moments: readonly number[]): DateTime[] {
  const own = of.schedule === null || of.schedule.kind === 'interval' ? undefined : of.schedule.timezone;
  const zone = resolveZone(own ?? of.task.timezone);
  return moments.map((at) => DateTime.fromMillis(at, { zone }));
}
