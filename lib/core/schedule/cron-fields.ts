import { CronExpressionParser } from 'cron-parser';

/** What a cron expression asks of the wall clock. */
export interface CronFields {
  /** Milliseconds since midnight at which it fires on a day that matches, in order. */
  readonly times: readonly number[];
  /** Every hour: such an expression follows real time through changes of offset. */
  readonly isEveryHour: boolean;
  readonly months: ReadonlySet<number>;
  readonly days: DayRule;
}

/** Which days of a month; both given mean either, as in Vixie cron. */
export interface DayRule {
  /** null: any. */
  readonly ofMonth: ReadonlySet<number> | null;
  readonly isLastOfMonth: boolean;
  /** null: any. 0 is Sunday. */
  readonly ofWeek: ReadonlySet<number> | null;
  /** Of `ofWeek`, only the nth in a month; 0: each. */
  readonly nth: number;
  /** Weekdays of which only the last in a month counts. */
  readonly lastOfWeek: ReadonlySet<number>;
}

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
  '@minutely': '* * * * *',
  '@weekdays': '0 0 * * 1-5',
  '@weekends': '0 0 * * 0,6',
};

/** Name and widest step of each field, seconds first. */
const FIELDS = [
  ['second', 59],
  ['minute', 59],
  ['hour', 23],
  ['day-of-month', 31],
  ['month', 12],
  ['day-of-week', 7],
] as const;

/**
 * Reads a cron expression of five or six fields, or a nickname. `seed` decides what `H` hashes to.
 *
 * @throws RangeError with a readable message.
 */
export function readCron(expression: string, seconds: 'first' | 'last', seed: string): CronFields {
  const fields = splitFields(expression, seconds);
  fields.forEach((field, index) => checkSteps(expression, seconds, field, index));
  const [second, minute, hour, dayOfMonth, month, dayOfWeek] = fields;
  const hashed = [second, minute, hour, dayOfMonth?.replace(/\bH(?![(])/g, 'H(1-28)'), month, dayOfWeek].join(
    ' ',
  );
  try {
    return collect(CronExpressionParser.parse(hashed, { hashSeed: seed }).fields, fields);
  } catch (error) {
    throw new RangeError(
      `the cron expression '${expression}' is wrong: ${reasonOf(error)}${hint(expression, seconds)}`,
    );
  }
}

/** Six fields, seconds first. */
function splitFields(expression: string, seconds: 'first' | 'last'): string[] {
  const text = expression.trim();
  if (text.toLowerCase() === '@secondly') return ['*', '*', '*', '*', '*', '*'];
  const fields = (NICKNAMES[text.toLowerCase()] ?? text).split(/\s+/);
  if (text.startsWith('@') && fields.length === 1)
    throw new RangeError(
      `the cron expression '${expression}' is wrong: it is none of ${Object.keys(NICKNAMES).join(', ')}, @secondly`,
    );
  if (fields.length < 5 || fields.length > 6)
    throw new RangeError(
      `the cron expression '${expression}' is wrong: it has ${text === '' ? 0 : fields.length} fields; five (minute hour day-of-month month day-of-week) or six (with seconds) are needed`,
    );
  if (fields.length === 5) return ['0', ...fields];
  return seconds === 'first' ? fields : [...fields.slice(5), ...fields.slice(0, 5)];
}

/** cron-parser accepts steps wider than their field, which would quietly mean something else. */
function checkSteps(expression: string, seconds: 'first' | 'last', field: string, index: number): void {
  const [name, widest] = FIELDS[index] ?? ['', 0];
  for (const item of field.split(',')) {
    const step = /\/(.*)$/.exec(item)?.[1];
    if (step === undefined || (/^\d+$/.test(step) && Number(step) >= 1 && Number(step) <= widest)) continue;
    throw new RangeError(
      `the cron expression '${expression}' is wrong: the step '${step}' is outside the range of its ${name} field (1 to ${widest})${hint(expression, seconds)}`,
    );
  }
}

function hint(expression: string, seconds: 'first' | 'last'): string {
  if (expression.trim().split(/\s+/).length !== 6) return '';
  return seconds === 'first'
    ? ". Its first field is taken for the seconds; if they stand last, as in Pyncette, set cronSeconds: 'last'"
    : ". Its last field is taken for the seconds; if they stand first, set cronSeconds: 'first'";
}

type ParsedFields = ReturnType<typeof CronExpressionParser.parse>['fields'];

function collect(parsed: ParsedFields, raw: readonly string[]): CronFields {
  const hours = numbers(parsed.hour.values);
  const times = hours.flatMap((hour) =>
    numbers(parsed.minute.values).flatMap((minute) =>
      numbers(parsed.second.values).map((second) => ((hour * 60 + minute) * 60 + second) * 1_000),
    ),
  );
  const fields = {
    times,
    isEveryHour: new Set(hours).size === 24,
    months: new Set(numbers(parsed.month.values)),
    days: dayRule(parsed, raw),
  };
  if (!canFire(fields)) throw new RangeError(NEVER_FIRES);
  return fields;
}

function dayRule(parsed: ParsedFields, raw: readonly string[]): DayRule {
  const ofMonth = isAny(raw[3]) ? null : parsed.dayOfMonth.values;
  const ofWeek = isAny(raw[5]) ? null : parsed.dayOfWeek.values;
  return {
    ofMonth: ofMonth && new Set(numbers(ofMonth)),
    isLastOfMonth: ofMonth?.some((value) => value === 'L') ?? false,
    ofWeek: ofWeek && new Set(numbers(ofWeek).map((day) => day % 7)),
    nth: parsed.dayOfWeek.nthDay,
    lastOfWeek: new Set(
      (ofWeek ?? [])
        .filter((value) => /^\dL$/i.test(String(value)))
        .map((value) => Number.parseInt(String(value), 10) % 7),
    ),
  };
}

const isAny = (field: string | undefined): boolean => field === '*' || field === '?';

const numbers = (values: readonly (number | string)[]): number[] =>
  [...new Set(values.filter((value) => typeof value === 'number'))].sort((a, b) => a - b);

/** Days that each month has at most. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function canFire({ months, days, times }: CronFields): boolean {
  if (times.length === 0) return false;
  const { ofMonth, ofWeek, isLastOfMonth, lastOfWeek } = days;
  if (ofMonth === null || isLastOfMonth || lastOfWeek.size > 0 || (ofWeek !== null && ofWeek.size > 0))
    return true;
  return [...months].some((month) => [...ofMonth].some((day) => day <= (LONGEST[month - 1] ?? 0)));
}

const NEVER_FIRES = 'it never fires: none of its months has such a day';

/** What cron-parser says about some of the expressions that never fire. */
const NO_SUCH_DAY = 'Invalid explicit day of month definition';

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message === NO_SUCH_DAY ? NEVER_FIRES : message;
}
