import { encodeArgs } from './args.js';
import { defineHeartbeat, defineRetry } from './define-retry.js';
import { definePartitions } from './define-partitions.js';
import type { JsonObject } from './json.js';
import { MISSED } from './options.js';
import { Problems } from './problems.js';
import { OptionReader, type RawOptions, show } from './read-option.js';
import type { Schedule } from './schedule/schedule.js';
import { occurrencesOf } from './schedule/schedule.js';
import { resolveZone } from './schedule/zone.js';
import type { SchedulerSettings } from './scheduler-options.js';
import { ExecutionMode, FailureMode, type TaskDefinition, type TaskKind } from './task.js';
import type { RepositoryFeatures } from './task-repository.js';
import { decodeArgs } from './task-spec.js';

/** A task as its decorator recorded it; nothing about it is checked yet. */
export interface RawTask {
  readonly kind: TaskKind;
  readonly name: string;
  readonly options: RawOptions;
  /** What `@WithHeartbeat()` recorded. */
  readonly heartbeat: unknown;
  /** Class and method. */
  readonly declaredAt: string;
}

const COMMON = [
  'name', 'schedule', 'interval', 'timezone', 'enabled', 'leaseDuration', 'executionMode', 'failureMode', 'missed', 'maxLateness',
  'retry', 'timeout', 'concurrencyLimit', 'jitter', 'args', 'transactional', 'argsSchema',
]; // prettier-ignore

const PARTITIONED = ['partitionCount', 'partitionSelector', 'enabledPartitions'];

/** The longest name, in code points. */
export const LONGEST_NAME = 255;

/** Whether stores keep a name as it is. */
export const isStorable = (name: string): boolean =>
  !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]|\0/.test(name);

/** Checks a task against its module and fills in the defaults; null when `problems` were found. */
export function defineTask(
  raw: RawTask,
  settings: SchedulerSettings,
  features: RepositoryFeatures,
  problems: Problems,
): TaskDefinition | null {
  const before = problems.list.length;
  const reader = new OptionReader(`Task '${raw.name}' (${raw.declaredAt})`, raw.options, problems);
  checkNames(raw, reader);
  checkFeatures(reader, features);
  const timing = defineTiming(raw, reader, settings);
  const execution = defineExecution(raw, reader, settings);
  const definition: TaskDefinition = Object.freeze({
    name: raw.name,
    kind: raw.kind,
    declaredAt: raw.declaredAt,
    enabled: reader.flag('enabled', true),
    concurrencyLimit: reader.count('concurrencyLimit', null),
    transactional: reader.flag('transactional', false),
    args: defineArgs(reader),
    argsSchema: defineArgsSchema(reader),
    partitions: raw.kind === 'partitioned' ? definePartitions(reader) : null,
    ...timing,
    ...execution,
  });
  return problems.list.length > before ? null : definition;
}

function checkNames(raw: RawTask, reader: OptionReader): void {
  if (raw.kind === 'static')
    for (const name of ['executeAt', 'executeIn'])
      if (reader.has(name))
        reader.complain(
          `${name} is for instances: make it a @DynamicTask() and give ${name} to scheduleTask()`,
        );
  const elsewhere =
    raw.kind === 'static' ? ['executeAt', 'executeIn'].filter((name) => reader.has(name)) : [];
  reader.knowsOnly([...COMMON, ...elsewhere, ...(raw.kind === 'partitioned' ? PARTITIONED : [])]);
  const longest = LONGEST_NAME - (raw.kind === 'partitioned' ? partitionSuffix(reader) : 0);
  if (raw.name === '' || [...raw.name].length > longest)
    reader.complain(`its name has to have 1 to ${longest} characters`);
  if (!isStorable(raw.name))
    reader.complain('its name holds half a character, or a NUL, which stores do not keep');
}

/** What stores keep behind the name of a partitioned task may be this long. */
const partitionSuffix = (reader: OptionReader): number =>
  '#/'.length + 2 * String(reader.get('partitionCount')).length;

function checkFeatures(reader: OptionReader, features: RepositoryFeatures): void {
  if (reader.flag('transactional', false) && !features.transactions)
    reader.complain(
      `transactional needs a repository with transactions, which ${features.name} has not: leave it out, or use one on a database`,
    );
}

function defineTiming(raw: RawTask, reader: OptionReader, settings: SchedulerSettings) {
  const timezone = defineZone(reader, settings);
  const leaseMs = reader.duration('leaseDuration', 60_000);
  const missed = reader.oneOf('missed', MISSED, settings.missed);
  if (reader.has('maxLateness') && missed !== 'skip')
    reader.complain("maxLateness is only for missed: 'skip'");
  return {
    schedule: defineSchedule(raw, reader, settings, timezone),
    timezone,
    cronSeconds: settings.cronSeconds,
    leaseMs,
    missed,
    maxLatenessMs: reader.duration('maxLateness', settings.pollIntervalMs + leaseMs),
    timeoutMs: reader.duration('timeout', null),
    jitterMs: reader.duration('jitter', 0),
  };
}

function defineZone(reader: OptionReader, settings: SchedulerSettings): string {
  const zone = reader.get('timezone') ?? settings.timezone;
  if (reader.has('timezone') && !reader.has('schedule'))
    reader.complain('a timezone is only for cron schedules: give a schedule, or leave the timezone out');
  if (typeof zone !== 'string')
    reader.complain(`timezone is ${show(zone)}; it has to be a string such as 'Europe/Dublin'`);
  else if (!reader.has('timezone') || reader.attempt('timezone', () => resolveZone(zone)) !== undefined)
    return zone;
  return settings.timezone;
}

function defineSchedule(
  raw: RawTask,
  reader: OptionReader,
  settings: SchedulerSettings,
  timezone: string,
): Schedule | null {
  const given = ['schedule', 'interval'].filter((name) => reader.has(name));
  const isStatic = raw.kind === 'static';
  if (given.length > 1 || (isStatic && given.length === 0)) {
    const count = given.length === 0 ? 'neither of them' : 'both';
    reader.complain(
      `it needs ${isStatic ? 'exactly' : 'at most'} one of schedule and interval; it has ${count}`,
    );
    return null;
  }
  if (reader.has('interval')) return { kind: 'interval', everyMs: reader.duration('interval', 1) };
  const expression = reader.get('schedule');
  if (expression === undefined) return null;
  if (typeof expression !== 'string') {
    reader.complain(`schedule is ${show(expression)}; it has to be a cron expression such as '0 12 * * *'`);
    return null;
  }
  const schedule = { kind: 'cron', expression, timezone, seconds: settings.cronSeconds } as const;
  return reader.attempt('schedule', () => (occurrencesOf(schedule, raw.name).place(0), schedule)) ?? null;
}

function defineExecution(raw: RawTask, reader: OptionReader, settings: SchedulerSettings) {
  const executionMode = reader.oneOf(
    'executionMode',
    Object.values(ExecutionMode),
    ExecutionMode.AT_LEAST_ONCE,
  );
  const isAtMostOnce = executionMode === ExecutionMode.AT_MOST_ONCE;
  for (const name of ['failureMode', 'retry'])
    if (isAtMostOnce && reader.has(name))
      reader.complain(`${name} is only for AT_LEAST_ONCE: at most once nothing is run again`);
  if (!isAtMostOnce && reader.has('failureMode') && reader.has('retry'))
    reader.complain('failureMode and retry exclude each other: leave one of them out');
  const heartbeat = defineHeartbeat(raw.heartbeat, reader, settings.heartbeat);
  return {
    executionMode,
    failureMode: reader.oneOf('failureMode', Object.values(FailureMode), FailureMode.NONE),
    retry: defineRetry(reader),
    heartbeat: isAtMostOnce ? null : heartbeat,
  };
}

function defineArgs(reader: OptionReader): JsonObject {
  return reader.attempt('args', () => deepFreeze(decodeArgs(encodeArgs(reader.get('args'))))) ?? {};
}

function defineArgsSchema(reader: OptionReader): object | null {
  const schema = reader.get('argsSchema');
  if (schema === undefined) return null;
  if (typeof schema === 'function') return schema;
  if (typeof schema === 'object' && schema !== null && '~standard' in schema) return schema;
  reader.complain(`argsSchema is ${show(schema)}; it has to be a Standard Schema or a class`);
  return null;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
