import { DateTime, IANAZone } from 'luxon';
import { resolveZone } from '../core/schedule/zone.js';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** A duration in full: `1d 12h`, `90 s` as `1m 30s`; with `most`, its largest units only. */
export function durationText(durationMs: number, most: number = UNITS.length): string {
  let rest = Math.round(Math.abs(durationMs));
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0 && most < UNITS.length) break;
  }
  return parts.slice(0, most).join(' ') || '0s';
}

/** Moments as the viewer reads them. */
export class Moments {
  /** IANA name, or UTC. */
  readonly zone: string;

  constructor(
    private readonly now: number,
    isUtc: boolean,
  ) {
    const local = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    this.zone = !isUtc && IANAZone.isValidZone(local) ? local : 'UTC';
  }

  /** In the viewer's zone, whose name stands in the title of the column. */
  text(at: number | null): string {
    return at === null ? '–' : this.format(at, this.zone, 'yyyy-MM-dd HH:mm:ss');
  }

  /** `in 3h 20m`, `5m ago`. */
  relative(at: number): string {
    const aheadMs = at - this.now;
    const text = durationText(Math.abs(aheadMs) < 1_000 ? aheadMs : Math.trunc(aheadMs / 1_000) * 1_000, 2);
    return aheadMs >= 0 ? `in ${text}` : `${text} ago`;
  }

  /** Both in one cell. */
  withDistance(at: number | null): string {
    return at === null ? '–' : `${this.text(at)}  ${this.relative(at)}`;
  }

  /** With offset and zone. */
  full(at: number, zone = this.zone): string {
    const millis = at % 1_000 === 0 ? '' : '.SSS';
    return `${this.format(at, zone, `yyyy-MM-dd HH:mm:ss${millis} ZZ`)} ${zone}`;
  }

  /** In the viewer's zone, and in that of the schedule where it is another. */
  inBoth(at: number, zone: string): readonly string[] {
    return zone === this.zone ? [this.full(at)] : [this.full(at), this.full(at, zone)];
  }

  private format(at: number, zone: string, pattern: string): string {
    return DateTime.fromMillis(at, { zone: resolveZone(zone) }).toFormat(pattern);
  }
}

/** For programs. */
export const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
