/** One option of the command line. */
export interface OptionSpec {
  /** What stands for its value in help; null: it has none. */
  readonly value: string | null;
  readonly short?: string;
  readonly help: string;
}

const option = (value: string | null, help: string, short?: string): OptionSpec => ({ value, help, short });

/** All options by name. */
export const OPTIONS = {
  url: option(
    'URL',
    'the database: postgres://, mysql://, mariadb://, sqlite:FILE, a FILE ending in .db or .sqlite, redis://. Default: $PYNCETTE_URL, then $DATABASE_URL',
  ),
  table: option('NAME', 'the table; default pyncette_tasks'),
  schema: option('NAME', 'the PostgreSQL schema of the table (on MySQL and MariaDB: its database)'),
  namespace: option('NAME', 'Redis: what the keys begin with; default pyncette'),
  json: option(null, 'for programs: one JSON document on standard output'),
  utc: option(null, 'show moments in UTC only'),
  help: option(null, 'show help', 'h'),
  version: option(null, 'show the version'),
  yes: option(null, 'do it without asking', 'y'),
  state: option('STATE', 'only those that are scheduled, running, paused or parked'),
  prefix: option('TEXT', 'only instances whose names begin so'),
  limit: option('N', 'at most so many; default 50'),
  after: option('NAME', 'go on after this instance'),
  args: option('JSON', 'args of this run, in place of the instance’s own'),
  'no-args': option(null, 'leave the args out'),
  all: option(null, 'the whole task, with all its instances'),
  from: option('WHEN', 'schedule: what was missed counts as missed (default); now: the schedule starts anew'),
  print: option(null, 'print the SQL, and connect to nothing'),
  known: option('A,B', 'the tasks that the application has: rows of others are reported'),
  late: option('DURATION', 'overdue for longer is a failure; default 15m'),
} as const satisfies Record<string, OptionSpec>;

export type OptionName = keyof typeof OPTIONS;

/** Those that every command has. */
export const COMMON_OPTIONS: readonly OptionName[] = [
  'url',
  'table',
  'schema',
  'namespace',
  'json',
  'utc',
  'help',
];

export const optionSpec = (name: OptionName): OptionSpec => OPTIONS[name];

export const isOptionName = (name: string): name is OptionName => Object.hasOwn(OPTIONS, name);
