import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { COMMANDS } from '../../lib/cli/commands.js';
import { displayWidth, printable, shortened } from '../../lib/cli/display-width.js';
import { COMMON_OPTIONS } from '../../lib/cli/options.js';
import { UsageError } from '../../lib/cli/failures.js';
import { Moments, durationText } from '../../lib/cli/moments.js';
import { masked, readAddress } from '../../lib/cli/store-address.js';
import { freePort } from '../databases/free-port.js';
import { textOf } from '../docs/documents.js';
import { BuiltCommand } from './command.js';

let command: BuiltCommand;
let folder: string;
beforeAll(() => {
  command = BuiltCommand.build();
  folder = mkdtempSync(join(tmpdir(), 'pyncette-usage-'));
}, 60_000);
afterAll(() => {
  command.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The command where no packages are installed but some. */
function bareInstallation(packages: readonly string[]): BuiltCommand {
  const elsewhere = mkdtempSync(join(tmpdir(), 'pyncette-bare-'));
  onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
  cpSync(command.folder, elsewhere, { recursive: true });
  mkdirSync(join(elsewhere, 'node_modules'));
  for (const name of packages)
    symlinkSync(
      fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url)),
      join(elsewhere, 'node_modules', name),
    );
  return command.in(elsewhere);
}

describe('The command', { timeout: 60_000 }, () => {
  it('has help for all and for each, without a database', async () => {
    const all = await command.run(['--help']);
    expect([all.code, all.err]).toEqual([0, '']);
    for (const { name, summary } of COMMANDS) expect(all.out).toContain(`  ${name.padEnd(11)} ${summary}\n`);
    expect(all.out).toContain('Exit codes: 0 done; 1 failed');
    for (const { name, examples } of COMMANDS) {
      const { code, out } = await command.run([name, '--help']);
      expect([code, out]).toEqual([
        0,
        expect.stringContaining(`Examples\n  npx nestjs-pyncette ${examples[0]}`),
      ]);
    }
    expect((await command.run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    const bare = await command.run([]);
    expect([bare.code, bare.out]).toEqual([2, all.out]);
  });

  it('is described in the guide: every command, and every option', () => {
    const guide = textOf('docs/command-line.md');
    for (const { name, options } of COMMANDS) {
      expect(guide).toContain(`nestjs-pyncette ${name}`);
      for (const option of [...COMMON_OPTIONS, ...options]) expect(guide).toContain(`--${option}`);
    }
  });

  it('loads nothing for its help but what finds misspelt names, so that it is there at once', async () => {
    const bare = bareInstallation(['fastest-levenshtein']);
    expect((await bare.run(['--help'])).code).toBe(0);
    expect((await bare.run(['doctor', '--help'])).code).toBe(0);
    expect((await bare.run(['lst'])).err).toContain("did you mean 'list'?");
  });

  it.each([
    [['lst'], /no command 'lst' \(did you mean 'list'\?\)/],
    [['list', '--jsn'], /no option --jsn \(did you mean '--json'\?\)/],
    [['list', '--known', 'a'], /list has no option --known/],
    [['list', 'a', 'b'], /list does not take 'b'/],
    [['show'], /show needs the name of a task/],
    [['list', 'a', '--limit', 'many'], /--limit is 'many'; it has to be a whole number/],
    [['list', 'a', '--state', 'parkd'], /--state is 'parkd'.*did you mean 'parked'\?/],
    [['list', '--json=yes'], /--json takes no value/],
    [['list', '--url'], /--url needs a value: --url URL/],
    [['list', '--url', '--json'], /--url needs a value.*write --url=--json/],
    [['list'], /which database\? Give --url, or set PYNCETTE_URL or DATABASE_URL/],
    [['list', '--url', 'mongodb://host/db'], /kind that is not known here, 'mongodb'/],
    [['list', '--url', 'x.db', '--schema', 'jobs'], /--schema does not belong here: SQLite has none/],
    [['list', '--url', 'x.db', '--table', 'a b'], /--table is 'a b'; it has to be a plain identifier/],
    [['migrate', '--print', '--url', 'x.db', '--table', 'a b'], /--table is 'a b'; it has to be a plain/],
    [['doctor', '--url', 'x.db', '--late', 'soon'], /--late is 'soon'; it has to be a duration/],
    [['unschedule', 'a', '--url', 'x.db'], /unschedule needs the name of an instance, or else/],
  ])('refuses %j with code 2', async (line, message) => {
    const { code, out, err } = await command.run(line);
    expect([code, out, err]).toEqual([2, '', expect.stringMatching(message)]);
  });

  it('looks for the address on the line, in PYNCETTE_URL, in DATABASE_URL', async () => {
    const file = (name: string): string => join(folder, `${name}.db`);
    const env = { PYNCETTE_URL: file('second'), DATABASE_URL: file('third') };
    const used = async (line: readonly string[], given: Record<string, string>): Promise<string> =>
      (await command.run(['list', ...line], given)).err;
    expect(await used(['--url', file('first')], env)).toContain('first.db');
    expect(await used([], env)).toContain('second.db');
    expect(await used([], { DATABASE_URL: `sqlite:${file('third')}` })).toContain('third.db');
    expect(['first', 'second', 'third'].filter((name) => existsSync(file(name)))).toEqual([]);
  });

  it('says that a database does not answer, and never with which password', async () => {
    const port = await freePort();
    const commands = { postgres: ['list', 'doctor', 'migrate'], mysql: ['doctor'], mariadb: ['migrate'] };
    for (const [scheme, names] of Object.entries(commands)) {
      const url = `${scheme}://ada:s%40crets@127.0.0.1:${port}/app?sslpassword=hidden`;
      for (const name of names) {
        const { code, out, err } = await command.run([name, '--url', url]);
        expect(code).toBe(1);
        expect(out + err).toMatch(
          new RegExp(`${scheme}://ada:\\*\\*\\*@127.0.0.1:${port}/app cannot be reached: .*ECONNREFUSED`),
        );
        expect(out + err).not.toMatch(/s@crets|s%40crets|hidden/);
      }
    }
  });

  it('says that a driver is missing, and how to install it', async () => {
    const hidden = ['--require', fileURLToPath(new URL('./hide-package.cjs', import.meta.url))];
    const urls = {
      pg: 'postgres://127.0.0.1/x',
      mysql2: 'mysql://127.0.0.1/x',
      'better-sqlite3': join(folder, 'any.db'),
    };
    for (const [driver, url] of Object.entries(urls)) {
      const { code, err } = await command.run(['migrate', '--url', url], { PYNCETTE_HIDDEN: driver }, hidden);
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(new RegExp(`needs ${driver}, which .* npm install ${driver}\n`)),
      ]);
    }
  });

  it('says that TypeORM is missing, and how to install it', async () => {
    const bare = bareInstallation(['luxon', 'cron-parser', 'ms', 'fastest-levenshtein']);
    const { code, err } = await bare.run(['list', '--url', 'postgres://127.0.0.1/x']);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/needs typeorm and pg, .* npm install typeorm pg\n/),
    ]);
    expect((await bare.run(['migrate', '--print', '--url', 'x.db'])).err).toMatch(/npm install typeorm\n/);
  });

  it('says of Redis what is missing, or that it does not answer, and never with which password', async () => {
    const { code, err } = await command.run([
      'list',
      '--url',
      `redis://:s3crets@127.0.0.1:${await freePort()}`,
    ]);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /cannot keep its schedule in Redis|npm install ioredis|\*\*\*@127.0.0.1:\d+ cannot be used/,
      ),
    ]);
    expect(err).not.toContain('s3crets');
  });

  it('has colours on a terminal that wants them only', async () => {
    const file = join(folder, 'colours.db');
    await command.run(['migrate', '--url', file]);
    const line = ['doctor', '--url', file];
    expect((await command.run(line)).out).not.toContain('\u001B[');
    expect((await command.run(line, { FORCE_COLOR: '1' })).out).not.toContain('\u001B[');
    expect((await command.runOnTerminal(line, '')).out).toContain('\u001B[32mok');
    expect((await command.runOnTerminal(line, '', { NO_COLOR: '1' })).out).not.toContain('\u001B[');
  });
});

describe('What it writes', () => {
  it('takes no names for commands of the terminal', () => {
    expect(printable('a\u001B[2Jb\nc\u202Ed')).toBe('a\\u001b[2Jb\\nc\\u202ed');
  });

  it('knows how wide names are', () => {
    expect(['bob', 'böb', 'bo\u0308b', '日本', '👩‍🚀'].map(displayWidth)).toEqual([3, 3, 3, 4, 2]);
    expect([shortened('abcdef', 4), shortened('日本語', 4), shortened('abc', 3)]).toEqual([
      'abc…',
      '日…',
      'abc',
    ]);
  });

  it('says how long and how far', () => {
    expect([0, 999, 90_000, 131_400_000].map((ms) => durationText(ms))).toEqual([
      '0s',
      '999ms',
      '1m 30s',
      '1d 12h 30m',
    ]);
    const moments = new Moments(1_000_000, true);
    expect([1_000_000 + 7_260_500, 1_000_000 - 60_000, 1_000_200].map((at) => moments.relative(at))).toEqual([
      'in 2h 1m',
      '1m ago',
      'in 200ms',
    ]);
    expect(moments.inBoth(0, 'Europe/Dublin')).toEqual([
      '1970-01-01 00:00:00 +00:00 UTC',
      '1970-01-01 01:00:00 +01:00 Europe/Dublin',
    ]);
  });
});

describe('An address', () => {
  it.each([
    ['postgres://ada:secret@db:5432/app?sslmode=require', 'postgres', 'postgres://ada:***@db:5432/app'],
    ['postgresql://db/app', 'postgres', 'postgresql://db/app'],
    ['mysql://root@127.0.0.1:3306/app', 'mysql', 'mysql://root@127.0.0.1:3306/app'],
    ['mariadb://u:p%40ss@h/d', 'mariadb', 'mariadb://u:***@h/d'],
    ['sqlite:./jobs.data', 'sqlite', './jobs.data'],
    ['sqlite:///var/jobs.db', 'sqlite', '/var/jobs.db'],
    ['data/app.sqlite', 'sqlite', 'data/app.sqlite'],
    ['rediss://token@cache:6380/1', 'redis', 'rediss://cache:6380/1'],
    ['redis://:token@cache/1', 'redis', 'redis://:***@cache/1'],
  ])('%s', (url, kind, shown) => {
    expect(readAddress(url, '--url')).toMatchObject({ kind, shown });
  });

  it.each(['app', 'https://x', 'sqlite:', 'sqlite::memory:', 'postgres://u:p@ss:w@rd:x/y', 'C:\\jobs'])(
    'is not %s',
    (url) => {
      expect(() => readAddress(url, '--url')).toThrow(UsageError);
      expect(() => readAddress(url, '--url')).not.toThrow(/p@ss/);
    },
  );

  it('hides its password in what others say, as it was written and as it is meant', () => {
    const address = readAddress('mysql://u:p%40ss@h/d?apikey=abcdef', '--url');
    expect(masked("refused 'p@ss' (p%40ss, abcdef)", address)).toBe("refused '***' (***, ***)");
  });
});
