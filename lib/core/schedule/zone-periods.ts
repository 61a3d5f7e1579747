import type { Zone } from 'luxon';
import { BoundedCache } from './bounded-cache.js';
import { resolveZone } from './zone.js';

export const DAY_MS = 86_400_000;

/** A stretch of time in which a zone keeps one offset. Neighbours may have the same one. */
export interface ZonePeriod {
  readonly start: number;
  /** The first moment after it. */
  readonly end: number;
  /** Wall clock minus UTC, in milliseconds. */
  readonly offset: number;
}

/** Offsets are looked up a window at a time; asking Intl is what is slow. */
const WINDOW_MS = 64 * DAY_MS;

/** No zone changes its offset twice within this. */
const PROBE_MS = DAY_MS;

const windows = new BoundedCache<readonly ZonePeriod[]>(4_096);

/** When a zone has which offset. */
export class ZonePeriods {
  private readonly zone: Zone;

  /** @throws RangeError when there is no such zone. */
  constructor(private readonly name: string) {
    this.zone = resolveZone(name);
  }

  at(moment: number): ZonePeriod {
    if (this.zone.isUniversal)
      return { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, offset: this.offsetAt(0) };
    const window = Math.floor(moment / WINDOW_MS);
    const periods = windows.get(`${this.name} ${window}`, () => this.probe(window * WINDOW_MS));
    for (const period of periods) if (moment < period.end) return period;
    throw new RangeError(`${moment} is no moment`);
  }

  private probe(start: number): ZonePeriod[] {
    const periods: ZonePeriod[] = [];
    const last = start + WINDOW_MS;
    let period = { start, offset: this.offsetAt(start) };
    for (let moment = start; moment < last; moment += PROBE_MS) {
      const offset = this.offsetAt(moment + PROBE_MS);
      if (offset === period.offset) continue;
      const end = this.changeBetween(moment, moment + PROBE_MS);
      if (end >= last) break;
      periods.push({ ...period, end });
      period = { start: end, offset };
    }
    periods.push({ ...period, end: last });
    return periods;
  }

  /** The first moment that no longer has the offset of `from`. */
  private changeBetween(from: number, to: number): number {
    const before = this.offsetAt(from);
    let [low, high] = [from, to];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    return high;
  }

  private offsetAt(moment: number): number {
    return Math.round(this.zone.offset(moment) * 60_000);
  }
}
