import { type OptionReader, isRecord, show } from './read-option.js';
import type { HeartbeatPolicy, RetryPolicy } from './task.js';

const RETRY = ['maxAttempts', 'delay', 'backoff', 'maxDelay', 'jitter', 'exhausted', 'when'];
const HEARTBEAT = ['leaseRemainingRatio', 'abortOnLeaseLost'];

/** The `retry` of a task, null when it has none. */
export function defineRetry(task: OptionReader): RetryPolicy | null {
  const reader = task.within('retry');
  if (reader === null) return null;
  reader.knowsOnly(RETRY);
  for (const name of ['maxAttempts', 'delay']) if (!reader.has(name)) reader.complain(`${name} is missing`);
  return Object.freeze({
    maxAttempts: reader.count('maxAttempts', 1),
    delayMs: reader.duration('delay', 1),
    backoff: reader.oneOf('backoff', ['fixed', 'exponential'], 'fixed'),
    maxDelayMs: reader.duration('maxDelay', null),
    jitter: reader.fraction('jitter', 0, (value) => value >= 0 && value <= 1, 'a fraction from 0 to 1'),
    exhausted: reader.oneOf('exhausted', ['commit', 'park'], null),
    when: defineWhen(reader),
  });
}

function defineWhen(reader: OptionReader): RetryPolicy['when'] {
  const when = reader.get('when');
  if (typeof when === 'function') return when as RetryPolicy['when'];
  if (when !== undefined)
    reader.complain(
      `when is ${show(when)}; it has to be a function such as (error) => (error instanceof NotFoundException ? 'park' : 'retry')`,
    );
  return undefined;
}

/** What `@WithHeartbeat()` recorded, or the default when the module renews every lease. */
export function defineHeartbeat(
  given: unknown,
  task: OptionReader,
  isDefault: boolean,
): HeartbeatPolicy | null {
  if (given === null || given === undefined)
    return isDefault ? { leaseRemainingRatio: 0.5, abortOnLeaseLost: true } : null;
  if (!isRecord(given)) {
    task.complain(`the options of @WithHeartbeat() are ${show(given)}; they have to be an object`);
    return null;
  }
  const reader = task.named('@WithHeartbeat()', given);
  reader.knowsOnly(HEARTBEAT);
  return Object.freeze({
    leaseRemainingRatio: reader.fraction(
      'leaseRemainingRatio',
      0.5,
      (value) => value > 0 && value < 1,
      'between 0 and 1, both excluded',
    ),
    abortOnLeaseLost: reader.flag('abortOnLeaseLost', true),
  });
}
