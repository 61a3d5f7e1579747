import { DateTime } from 'luxon';
import { show } from './read-option.js';
import { resolveZone } from './schedule/zone.js';

/** Whether an ISO 8601 string says itself how far from UTC it is. */
export const hasOffset = (text: string): boolean =>
  /(?:Z|[+-]\d{2}(?::?\d{2})?)$/i.test(text) && /T|\s/i.test(text);

/**
 * A moment in epoch milliseconds: a `Date`, a Luxon `DateTime`, or an ISO 8601 string, without an offset read in `timezone`.
 *
 * @throws RangeError when it is none.
 */
export function toMoment(moment: unknown, timezone: string): number {
  const at = read(moment, timezone);
  if (Number.isFinite(at)) return at;
  throw new RangeError(`${show(moment)} is no moment: give a Date, a Luxon DateTime or an ISO 8601 string`);
}

function read(moment: unknown, timezone: string): number {
  if (moment instanceof Date) return moment.getTime();
  if (DateTime.isDateTime(moment)) return moment.toMillis();
  if (typeof moment === 'string')
    return DateTime.fromISO(moment.trim().replace(' ', 'T'), { zone: resolveZone(timezone) }).toMillis();
  return Number.NaN;
}
