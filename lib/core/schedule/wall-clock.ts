import type { CronFields } from './cron-fields.js';
import { DAY_MS } from './zone-periods.js';

// Wall times are counted in milliseconds as if the wall clock were UTC. Nothing here knows of zones.

/** No pattern that fires at all is silent for longer: 29 February skips eight years around 2100. */
const LONGEST_SILENCE_DAYS = 366 * 41;

/** Which wall times a cron expression names. */
export class WallClock {
  private readonly firstTime: number;
  private readonly lastTime: number;

  constructor(private readonly fields: CronFields) {
    this.firstTime = fields.times[0] ?? 0;
    this.lastTime = fields.times.at(-1) ?? 0;
  }

  /** The first match at or after a wall time. @throws RangeError when none comes within 41 years */
  from(wall: number): number {
    let day = Math.floor(wall / DAY_MS);
    const time = wall - day * DAY_MS;
    if (time <= this.lastTime && this.isMatch(day)) return day * DAY_MS + this.timeFrom(time);
    for (let days = 0; days < LONGEST_SILENCE_DAYS; days++)
      if (this.isMatch(++day)) return day * DAY_MS + this.firstTime;
    throw new RangeError('the cron expression does not fire within 41 years');
  }

  /** The last match at or before a wall time, null when there is none within 41 years. */
  until(wall: number): number | null {
    let day = Math.floor(wall / DAY_MS);
    const time = wall - day * DAY_MS;
    if (time >= this.firstTime && this.isMatch(day)) return day * DAY_MS + this.timeUntil(time);
    for (let days = 0; days < LONGEST_SILENCE_DAYS; days++)
      if (this.isMatch(--day)) return day * DAY_MS + this.lastTime;
    return null;
  }

  /** How many matches lie from one wall time to another, both included. */
  count(from: number, to: number): number {
    if (to < from) return 0;
    const [firstDay, lastDay] = [Math.floor(from / DAY_MS), Math.floor(to / DAY_MS)];
    let total = 0;
    for (let day = firstDay; day <= lastDay; day++) {
      if (!this.isMatch(day)) continue;
      const before = day === firstDay ? this.indexFrom(from - day * DAY_MS) : 0;
      const after = day === lastDay ? this.indexFrom(to - day * DAY_MS + 1) : this.fields.times.length;
      total += after - before;
    }
    return total;
  }

  private isMatch(day: number): boolean {
    const { months, days } = this.fields;
    const date = new Date(day * DAY_MS);
    if (!months.has(date.getUTCMonth() + 1)) return false;
    if (days.ofMonth === null && days.ofWeek === null) return true;
    if (days.ofMonth === null) return this.isWeekday(date);
    if (days.ofWeek === null) return this.isMonthday(date);
    return this.isMonthday(date) || this.isWeekday(date);
  }

  private isMonthday(date: Date): boolean {
    const { ofMonth, isLastOfMonth } = this.fields.days;
    return ofMonth?.has(date.getUTCDate()) === true || (isLastOfMonth && isLastWeekOfMonth(date, 1));
  }

  private isWeekday(date: Date): boolean {
    const { ofWeek, nth, lastOfWeek } = this.fields.days;
    const weekday = date.getUTCDay();
    if (lastOfWeek.has(weekday) && isLastWeekOfMonth(date, 7)) return true;
    return ofWeek?.has(weekday) === true && (nth === 0 || Math.ceil(date.getUTCDate() / 7) === nth);
  }

  private timeFrom(time: number): number {
    return this.fields.times[this.indexFrom(time)] ?? this.firstTime;
  }

  private timeUntil(time: number): number {
    return this.fields.times[this.indexFrom(time + 1) - 1] ?? this.lastTime;
  }

  /** How many of a day's times come before one. */
  private indexFrom(time: number): number {
    const { times } = this.fields;
    let [low, high] = [0, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Whether the same weekday (or, for 1, any day) does not come again in its month. */
function isLastWeekOfMonth(date: Date, days: 1 | 7): boolean {
  return new Date(date.getTime() + days * DAY_MS).getUTCMonth() !== date.getUTCMonth();
}
