import { type Clock, SystemClock } from './clock.js';
import { readHistory } from './history-options.js';
import type { Problems } from './problems.js';
import { OptionReader, isRecord, show } from './read-option.js';
import { resolveZone } from './schedule/zone.js';
import type { SchedulerSettings } from './scheduler-options.js';

const DEFAULTS = {
  pollIntervalMs: 1_000,
  batchSize: 100,
  concurrencyLimit: 100,
  timezone: 'UTC',
  cronSeconds: 'first',
  missed: 'once',
  heartbeat: false,
  shutdownTimeoutMs: null,
  autoStart: true,
} as const;

const NAMES = [
  'repository', 'pollInterval', 'batchSize', 'concurrencyLimit', 'timezone', 'cronSeconds', 'missed', 'heartbeat',
  'shutdownTimeout', 'history', 'autoStart', 'clock',
]; // prettier-ignore

/** The policies of `missed`. */
export const MISSED = ['once', 'all', 'skip'] as const;

/**
 * The module's options, checked, with their defaults, frozen. What is wrong is added to `problems`.
 *
 * @param knownByOthers options that are resolved elsewhere
 */
export function resolveOptions(
  options: unknown,
  knownByOthers: readonly string[],
  problems: Problems,
): SchedulerSettings {
  const given = isRecord(options) ? options : {};
  const reader = new OptionReader('PyncetteModule', given, problems);
  if (options !== undefined && !isRecord(options))
    reader.complain(`its options are ${show(options)}; they have to be an object`);
  reader.knowsOnly([...NAMES, ...knownByOthers]);
  checkRepository(reader);
  return Object.freeze({
    pollIntervalMs: reader.duration('pollInterval', DEFAULTS.pollIntervalMs),
    batchSize: reader.count('batchSize', DEFAULTS.batchSize),
    concurrencyLimit: reader.count('concurrencyLimit', DEFAULTS.concurrencyLimit),
    timezone: readZone(reader),
    cronSeconds: reader.oneOf('cronSeconds', ['first', 'last'], DEFAULTS.cronSeconds),
    missed: reader.oneOf('missed', MISSED, DEFAULTS.missed),
    heartbeat: reader.flag('heartbeat', DEFAULTS.heartbeat),
    shutdownTimeoutMs: reader.duration('shutdownTimeout', DEFAULTS.shutdownTimeoutMs),
    history: readHistory(reader),
    autoStart: reader.flag('autoStart', DEFAULTS.autoStart),
    ...readClock(reader),
  });
}

function readZone(reader: OptionReader): string {
  const zone = reader.get('timezone') ?? DEFAULTS.timezone;
  if (typeof zone !== 'string')
    reader.complain(`timezone is ${show(zone)}; it has to be a string such as 'Europe/Dublin'`);
  else if (reader.attempt('timezone', () => resolveZone(zone)) !== undefined) return zone;
  return DEFAULTS.timezone;
}

function readClock(reader: OptionReader): { clock: Clock; isClockGiven: boolean } {
  const clock = reader.get('clock');
  if (isClock(clock)) return { clock, isClockGiven: true };
  if (clock !== undefined) reader.complain(`clock is ${show(clock)}; it has to have now() and sleep()`);
  return { clock: new SystemClock(), isClockGiven: false };
}

const isClock = (value: unknown): value is Clock =>
  isRecord(value) && typeof value['now'] === 'function' && typeof value['sleep'] === 'function';

function checkRepository(reader: OptionReader): void {
  const repository = reader.get('repository');
  if (repository === undefined || (isRecord(repository) && typeof repository['claimDue'] === 'function'))
    return;
  // An address may have a password in it.
  const what = typeof repository === 'string' && repository.includes('://') ? 'an address' : show(repository);
  reader.complain(
    `repository is ${what}; it has to be a repository such as memoryRepository(), typeOrmRepository({ … }) or redisRepository({ … })`,
  );
}
