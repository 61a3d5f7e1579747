import { Duration, type DurationLikeObject } from 'luxon';
import ms from 'ms';

/** A duration: milliseconds, an `ms` string (`'10s'`, `'5m'`), a Luxon `Duration` or its object form (`{ seconds: 10 }`). */
export type DurationLike = number | string | Duration | DurationLikeObject;

/** A hundred thousand years. What is longer counts as this long, so that moments stay representable: it is as good as never. */
const LONGEST_MS = 100_000 * 365.25 * 24 * 3_600_000;

/**
 * A duration in milliseconds.
 *
 * @throws RangeError with a readable message when it is none, is not finite or is negative.
 */
export function toMilliseconds(duration: DurationLike): number {
  const value = read(duration);
  if (!Number.isFinite(value) || value < 0)
    throw new RangeError(
      `${describe(duration)} is not a duration: give milliseconds, '10s' or { seconds: 10 }`,
    );
  return Math.min(Math.round(value), LONGEST_MS);
}

/**
 * A duration in milliseconds that is longer than nothing.
 *
 * @throws RangeError with a readable message when it is none, or not positive and finite.
 */
export function toPositiveMilliseconds(duration: DurationLike): number {
  const value = read(duration);
  if (!Number.isFinite(value) || value <= 0)
    throw new RangeError(
      `${describe(duration)} is not a positive, finite duration: give milliseconds, '10s' or { seconds: 10 }`,
    );
  return Math.min(Math.max(1, Math.round(value)), LONGEST_MS);
}

function read(duration: DurationLike): number {
  try {
    if (typeof duration === 'number') return duration;
    if (typeof duration === 'string') return ms(duration as ms.StringValue) ?? Number.NaN;
    if (Duration.isDuration(duration)) return duration.toMillis();
    if (typeof duration === 'object' && duration !== null) return Duration.fromObject(duration).toMillis();
  } catch {
    // not a duration
  }
  return Number.NaN;
}

function describe(duration: unknown): string {
  if (typeof duration === 'string') return `'${duration}'`;
  if (typeof duration === 'object' && duration !== null && !Duration.isDuration(duration))
    return JSON.stringify(duration);
  return String(duration);
}
