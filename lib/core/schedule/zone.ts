import { FixedOffsetZone, IANAZone, type Zone } from 'luxon';
import { BoundedCache } from './bounded-cache.js';

const UTC_OFFSET = /^(?:UTC|GMT)(?:([+-])(\d{1,2})(?::?([0-5]\d))?)?$/i;

const zones = new BoundedCache<Zone>(500);

/**
 * The zone of a name: an IANA name, `UTC`, `UTC+12` or `UTC-05:30`.
 *
 * @throws RangeError when there is no such zone.
 */
export function resolveZone(name: string): Zone {
  return zones.get(name, () => {
    const [, sign, hours, minutes] = UTC_OFFSET.exec(name) ?? [];
    if (UTC_OFFSET.test(name)) {
      const offset = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
      if (offset <= 18 * 60) return FixedOffsetZone.instance(sign === '-' ? -offset : offset);
    } else if (IANAZone.isValidZone(name)) {
      return IANAZone.create(name);
    }
    throw new RangeError(
      `'${name}' is no time zone: give an IANA name such as 'Europe/Dublin', 'UTC' or 'UTC+12'`,
    );
  });
}
