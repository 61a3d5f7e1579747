import type { Cron } from './cron.js';
import type { WallClock } from './wall-clock.js';
import { DAY_MS, type ZonePeriods } from './zone-periods.js';

/** More than offsets ever differ: where no wall time matches for two days, no moment does for one. */
const MARGIN_MS = 2 * DAY_MS;

/** An expression for every hour fires at each moment whose wall clock matches, so its cadence goes through changes of offset. */
export class EveryHourCron implements Cron {
  constructor(
    private readonly wall: WallClock,
    private readonly zone: ZonePeriods,
  ) {}

  next(after: number): number {
    for (let moment = Math.floor(after) + 1; ;) {
      const { end, offset } = this.zone.at(moment);
      const found = this.wall.from(moment + offset) - offset;
      if (found < end) return found;
      moment = Math.max(end, found - MARGIN_MS);
    }
  }

  latest(from: number, until: number): number {
    for (let moment = Math.floor(until); moment > from;) {
      const { start, offset } = this.zone.at(moment);
      const wall = this.wall.until(moment + offset);
      if (wall === null) return from;
      const found = wall - offset;
      if (found >= start) return Math.max(from, found);
      moment = Math.min(start - 1, found + MARGIN_MS);
    }
    return from;
  }

  count(after: number, before: number): number {
    let total = 0;
    for (let moment = Math.floor(after) + 1; moment < before;) {
      const { end, offset } = this.zone.at(moment);
      const last = Math.min(end, Math.ceil(before)) - 1;
      total += this.wall.count(moment + offset, last + offset);
      moment = last + 1;
    }
    return total;
  }
}
