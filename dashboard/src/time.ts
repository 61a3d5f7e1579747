import { signal } from '@preact/signals';

/** The scheduler's time as far as this page knows it; moves once a second. */
export const now = signal(Date.now());

let offsetMs = 0;

/** The server has said what its time is. */
export function setServerTime(at: number): void {
  offsetMs = at - Date.now();
  now.value = at;
}

setInterval(() => {
  if (!document.hidden) now.value = Date.now() + offsetMs;
}, 1_000);

export const viewerZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const clockFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dateFormat = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'short' });

/** The time alone if it is today. */
export function momentText(at: number): string {
  const isToday = dayFormat.format(at) === dayFormat.format(now.value);
  return (isToday ? clockFormat : dateFormat).format(at);
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const;

/** `340 ms`, `4.2 s`, `3 min`, `2 h` */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const [size, unit] = UNITS.find(([size]) => ms >= size) ?? [1_000, 's'];
  return `${Math.floor(ms / size)} ${unit}`;
}

/** `in 4 s`, `now`, `12 s ago` */
export function relativeText(at: number, from: number): string {
  const seconds = Math.round((at - from) / 1_000);
  if (seconds === 0) return 'now';
  const [size, unit] = UNITS.find(([size]) => Math.abs(seconds) * 1_000 >= size) ?? [1_000, 's'];
  const count = Math.floor((Math.abs(seconds) * 1_000) / size);
  return seconds > 0 ? `in ${count} ${unit}` : `${count} ${unit} ago`;
}

const whole = new Intl.NumberFormat();
const tenths = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** The same for what is due: the list is a moment old, so what has just become due is due now; what waits longer is late. */
export function dueText(at: number, from: number): string {
  if (at >= from) return relativeText(at, from);
  return from - at < DUE_MS ? 'now' : `${durationText(from - at)} late`;
}

/** So long after its moment something is still not late. */
export const DUE_MS = 3_000;

export const countText = (count: number): string => whole.format(count);
/** Small rates with a tenth. */
export const rateText = (rate: number): string =>
  rate < 10 ? tenths.format(rate) : whole.format(Math.round(rate));
