// An independent reading of cron: walks real time and asks Intl what the wall clock shows. Shares nothing with the library.

const MINUTE = 60_000;

function field(text: string, low: number, high: number): Set<number> {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const [range = '*', step = '1'] = item.split('/');
    const [from, to] =
      range === '*'
        ? [low, high]
        : range.includes('-')
          ? range.split('-').map(Number)
          : [Number(range), item.includes('/') ? high : Number(range)];
    for (let value = from ?? low; value <= (to ?? high); value += Number(step)) values.add(value);
  }
  return values;
}

export interface Wall {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

export function matcher(expression: string): { isEveryHour: boolean; matches(wall: Wall): boolean } {
  const [minute = '*', hour = '*', dayOfMonth = '*', month = '*', dayOfWeek = '*'] = expression.split(' ');
  const minutes = field(minute, 0, 59);
  const hours = field(hour, 0, 23);
  const days = field(dayOfMonth, 1, 31);
  const months = field(month, 1, 12);
  const weekdays = new Set([...field(dayOfWeek, 0, 7)].map((day) => day % 7));
  const isDay = (wall: Wall): boolean => {
    const weekday = new Date(Date.UTC(wall.year, wall.month - 1, wall.day)).getUTCDay();
    if (dayOfMonth === '*') return weekdays.has(weekday);
    if (dayOfWeek === '*') return days.has(wall.day);
    return days.has(wall.day) || weekdays.has(weekday);
  };
  return {
    isEveryHour: hour === '*',
    matches: (wall) =>
      minutes.has(wall.minute) && hours.has(wall.hour) && months.has(wall.month) && isDay(wall),
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wallAt(moment: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(
    format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(
    parts['year'] ?? 0,
    (parts['month'] ?? 1) - 1,
    parts['day'],
    parts['hour'],
    parts['minute'],
  );
}

const read = (wall: number): Wall => {
  const date = new Date(wall);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  };
};

/** The wall clock of each minute from one moment to another. */
export function walk(zone: string, from: number, to: number): { moment: number; wall: number }[] {
  const minutes: { moment: number; wall: number }[] = [];
  for (let moment = from; moment <= to; moment += MINUTE)
    minutes.push({ moment, wall: wallAt(moment, zone) });
  return minutes;
}

/** The moments at which an expression fires, by the walked minutes (the first is only where the walk begins). */
export function occurrences(
  expression: string,
  minutes: readonly { moment: number; wall: number }[],
): number[] {
  const { isEveryHour, matches } = matcher(expression);
  const fired: number[] = [];
  let reached = minutes[0]?.wall ?? 0;
  for (const { moment, wall } of minutes.slice(1)) {
    if (isEveryHour) {
      if (matches(read(wall))) fired.push(moment);
      continue;
    }
    // Everything the wall clock passes for the first time: this minute, or a whole gap at once.
    let isDue = false;
    for (; reached < wall;) if (matches(read((reached += MINUTE)))) isDue = true;
    if (isDue) fired.push(moment);
  }
  return fired;
}

/** The moments within a span at which a zone changes its offset, to the minute. */
export function transitions(zone: string, from: number, to: number): number[] {
  const found: number[] = [];
  const offset = (moment: number): number => wallAt(moment, zone) - moment;
  for (let day = from; day < to; day += 24 * 60 * MINUTE) {
    if (offset(day) === offset(day + 24 * 60 * MINUTE)) continue;
    let [low, high] = [day, day + 24 * 60 * MINUTE];
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
      if (offset(middle) === offset(day)) low = middle;
      else high = middle;
    }
    found.push(high);
  }
  return found;
}
