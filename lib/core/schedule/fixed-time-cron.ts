import type { Cron } from './cron.js';
import type { WallClock } from './wall-clock.js';
import type { ZonePeriod, ZonePeriods } from './zone-periods.js';

/** No offset is further from UTC, and no change of offset is larger, than this. */
const REACH_MS = 26 * 3_600_000;

/**
 * An expression for certain hours fires once for each wall time it names: at the end of a gap for those inside it (all of them
 * together, once), and the first time for those that an overlap repeats. Wall times map to moments without ever going back.
 */
export class FixedTimeCron implements Cron {
  constructor(
    private readonly wall: WallClock,
    private readonly zone: ZonePeriods,
  ) {}

  next(after: number): number {
    return this.momentOf(this.wall.from(this.firstWallAfter(Math.floor(after))));
  }

  latest(from: number, until: number): number {
    const wall = this.wall.until(this.firstWallAfter(Math.floor(until)) - 1);
    return wall === null ? from : Math.max(from, this.momentOf(wall));
  }

  count(after: number, before: number): number {
    const [first, last] = [Math.floor(after), Math.ceil(before) - 1];
    if (last <= first) return 0;
    const total = this.wall.count(this.firstWallAfter(first), this.firstWallAfter(last) - 1);
    return total - this.collapsed(first, last);
  }

  /** The first wall time that maps to a moment after this one: the wall clock's own, or past an overlap that it repeats. */
  private firstWallAfter(moment: number): number {
    const { offset } = this.zone.at(moment);
    let { start } = this.zone.at(moment);
    let first = moment + 1 + offset;
    while (start > moment - REACH_MS) {
      const before = this.zone.at(start - 1);
      first = Math.max(first, before.end + before.offset);
      start = before.start;
    }
    return first;
  }

  private momentOf(wall: number): number {
    for (let period = this.zone.at(wall - REACH_MS); ; period = this.zone.at(period.end)) {
      if (wall < period.start + period.offset) return period.start;
      if (wall < period.end + period.offset) return wall - period.offset;
    }
  }

  /** How many wall times share the moment of another one, because a gap brought them together. */
  private collapsed(after: number, last: number): number {
    let shared = 0;
    let period: ZonePeriod = this.zone.at(after);
    while (period.end <= last) {
      const next = this.zone.at(period.end);
      const gap = this.wall.count(period.end + period.offset, next.start + next.offset - 1);
      if (gap > 0) shared += gap - 1 + this.wall.count(next.start + next.offset, next.start + next.offset);
      period = next;
    }
    return shared;
  }
}
