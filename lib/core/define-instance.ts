import { encodeArgs } from './args.js';
import { LONGEST_NAME, isStorable } from './define-task.js';
import { didYouMean } from './did-you-mean.js';
import { type DurationLike, toMilliseconds, toPositiveMilliseconds } from './duration.js';
import { InvalidScheduleException } from './errors.js';
import { hasOffset, toMoment } from './moment.js';
import { type RawOptions, isRecord, show } from './read-option.js';
import { type Occurrences, type Schedule, occurrencesOf } from './schedule/schedule.js';
import { resolveZone } from './schedule/zone.js';
import { type TaskDefinition, canonicalName } from './task.js';

/** What was asked for an instance, checked. */
export interface InstanceDefinition {
  readonly schedule: Schedule;
  readonly occurrences: Occurrences;
  readonly args: string;
  readonly force: boolean;
}

const WAYS = ['schedule', 'interval', 'executeAt', 'executeIn'] as const;
const NAMES = [...WAYS, 'timezone', 'args', 'force', 'manager'];

/** Checks what was asked for an instance. @throws InvalidScheduleException naming the instance and the way out */
export function defineInstance(
  task: TaskDefinition,
  instanceName: unknown,
  options: unknown,
): InstanceDefinition {
  const name = checkInstanceName(task, instanceName);
  try {
    if (!isRecord(options))
      throw new RangeError(`its options are ${show(options)}; they have to be an object`);
    checkNames(options);
    const schedule = defineSchedule(task, options);
    const occurrences = occurrencesOf(schedule, canonicalName(task.name, name));
    occurrences.place(0);
    return { schedule, occurrences, args: encodeArgs(options['args']), force: options['force'] === true };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidScheduleException(
      `${canonicalName(task.name, name)} cannot be scheduled: ${error.message}`,
    );
  }
}

/** The name of an instance, exactly as it was given. @throws InvalidScheduleException */
export function checkInstanceName(task: TaskDefinition, name: unknown): string {
  const refuse = (why: string): never => {
    throw new InvalidScheduleException(
      `An instance of task '${task.name}' cannot have the name ${show(name)}: ${why}`,
    );
  };
  if (typeof name !== 'string') return refuse('it has to be a string');
  if (name === '') refuse('it is empty');
  if (name.length > LONGEST_NAME && [...name].length > LONGEST_NAME)
    refuse(`it is longer than ${LONGEST_NAME} code points`);
  if (!isStorable(name)) refuse('it holds half a character, or a NUL, which stores do not keep');
  return name;
}

function checkNames(options: RawOptions): void {
  for (const name of Object.keys(options))
    if (!NAMES.includes(name)) throw new RangeError(`there is no option '${name}'${didYouMean(name, NAMES)}`);
  const { force } = options;
  if (force !== undefined && typeof force !== 'boolean')
    throw new RangeError(`force is ${show(force)}; it has to be true or false`);
}

function defineSchedule(task: TaskDefinition, options: RawOptions): Schedule {
  const given = WAYS.filter((name) => options[name] !== undefined);
  const [way] = given;
  if (given.length > 1)
    throw new RangeError(`it needs exactly one of ${WAYS.join(', ')}; it has ${given.join(' and ')}`);
  if (way === undefined) return defaultSchedule(task, options);
  switch (way) {
    case 'schedule':
      return cronSchedule(task, options);
    case 'interval':
      withoutZone(options);
      return { kind: 'interval', everyMs: toPositiveMilliseconds(options['interval'] as DurationLike) };
    case 'executeIn':
      withoutZone(options);
      return { kind: 'once', inMs: toMilliseconds(options['executeIn'] as DurationLike) };
    case 'executeAt':
      return onceSchedule(options);
  }
}

function defaultSchedule(task: TaskDefinition, options: RawOptions): Schedule {
  if (task.schedule === null)
    throw new RangeError(
      `it needs exactly one of ${WAYS.join(', ')}; it has none, and its template has no default`,
    );
  if (task.schedule.kind === 'cron')
    return { ...task.schedule, timezone: zoneOf(options) ?? task.schedule.timezone };
  withoutZone(options);
  return task.schedule;
}

function cronSchedule(task: TaskDefinition, options: RawOptions): Schedule {
  const expression = options['schedule'];
  if (typeof expression !== 'string')
    throw new RangeError(
      `schedule is ${show(expression)}; it has to be a cron expression such as '0 12 * * *'`,
    );
  return { kind: 'cron', expression, timezone: zoneOf(options) ?? task.timezone, seconds: task.cronSeconds };
}

function onceSchedule(options: RawOptions): Schedule {
  const at = options['executeAt'];
  const timezone = zoneOf(options);
  if (timezone !== undefined && (typeof at !== 'string' || hasOffset(at)))
    throw new RangeError(
      'a timezone is only for cron schedules, and for an executeAt that is a string without an offset',
    );
  return { kind: 'once', at: toMoment(at, timezone ?? 'UTC'), timezone };
}

function zoneOf({ timezone }: RawOptions): string | undefined {
  if (timezone === undefined) return undefined;
  if (typeof timezone !== 'string')
    throw new RangeError(`timezone is ${show(timezone)}; it has to be a string such as 'Europe/Dublin'`);
  resolveZone(timezone);
  return timezone;
}

function withoutZone({ timezone }: RawOptions): void {
  if (timezone !== undefined)
    throw new RangeError('a timezone is only for cron schedules: leave it out, or give a schedule');
}
