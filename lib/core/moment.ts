import { DateTime } from 'luxon';
import { show } from './read-option.js';
import { resolveZone } from './schedule/zone.js';

/** Whether an ISO 8601 string says itself how far from UTC it is, or in which zone. */
export const hasOffset = (text: string): boolean =>
  /(?:Z|[+-]\d{2}(?::?\d{2})?|\])$/i.test(text) && /T|\s/i.test(text);

/** A time alone would be one of today, by the clock of this process. */
const hasYear = (text: string): boolean => /^(?:\d{4}|[+-]\d{6})/.test(text);

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
  const text = typeof moment === 'string' ? moment.trim().replace(' ', 'T') : '';
  return hasYear(text) ? DateTime.fromISO(text, { zone: resolveZone(timezone) }).toMillis() : Number.NaN;
}
