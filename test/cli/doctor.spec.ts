import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASES, type TestDatabase, createDatabase, isAvailable } from '../databases/databases.js';
import { type Said, runHere, urlOf } from './command.js';

describe.each(DATABASES.filter(isAvailable))('The doctor on %s', { timeout: 60_000 }, (name) => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createDatabase(name);
    dataSource = await new DataSource(database.options).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const call = (...line: string[]): Promise<Said> => runHere(line, { DATABASE_URL: urlOf(database.options) });

  it('misses the table, which migrate creates', async () => {
    const missing = await call('doctor');
    expect(missing.code).toBe(1);
    expect(missing.out).toMatch(
      /FAIL +table .*no table pyncette_tasks: create it with `nestjs-pyncette migrate`/,
    );
    expect((await call('list')).err).toContain('nestjs-pyncette migrate');
    expect((await call('migrate')).out).toMatch(/^Created ["`]pyncette_tasks["`], version 1\.\n$/);
    expect((await call('migrate')).out).toMatch(/has version 1 already: there is nothing to do/);
    expect(JSON.parse((await call('migrate', '--table', 'other', '--json')).out)).toMatchObject({
      before: null,
      after: 1,
    });
    const well = await call('doctor', '--known', 'daily');
    expect([well.code, well.out]).toEqual([0, expect.not.stringMatching(/FAIL|warn {2}(?!journal|vacuum)/)]);
    expect(well.out).toMatch(/ok +index +on \(queue, due_at\)\n/);
  });

  it('prints the SQL of the table without a connection', async () => {
    const { out, code } = await call('migrate', '--print', '--table', 'printed');
    expect(code).toBe(0);
    for (const sql of out.split(/;\n/).filter(Boolean)) await dataSource.query(sql);
    expect((await call('list', '--table', 'printed')).err).toBe('There are no tasks here yet.\n');
  });

  it('finds what is overdue, unknown, parked, paused and left behind, each with its remedy', async () => {
    const now = Date.now();
    const row = (
      task: string,
      instance: string,
      values: Record<string, string | number>,
    ): Promise<unknown> => {
      const all = {
        task,
        instance,
        queue: task,
        attempt: 0,
        jitter_ms: 0,
        schedule: '{"v":1,"every":1000}',
        args: '{}',
        version: 0,
        ...values,
      };
      const literals = Object.values(all).map((value) => (typeof value === 'number' ? value : `'${value}'`));
      return dataSource.query(
        `INSERT INTO pyncette_tasks (${Object.keys(all).join(', ')}) VALUES (${literals.join(', ')})`,
      );
    };
    const due = { due_at: now - 3_600_000, scheduled_at: now - 3_600_000 };
    await row('remind', 'late', due);
    await row('remind', 'soon', { due_at: now + 3_600_000, scheduled_at: now + 3_600_000 });
    await row('remind', 'held', { hold: 'parked', scheduled_at: now });
    await row('remind', 'orphan', {
      ...due,
      lease_token: 'token',
      locked_by: 'pod-7',
      locked_until: now - 3_000_000,
      attempt: 1,
    });
    await row('remind', 'busy', {
      ...due,
      lease_token: 'token',
      locked_by: 'pod-8',
      locked_until: now + 600_000,
      attempt: 1,
    });
    await row('old', 'one', { due_at: now + 3_600_000, scheduled_at: now + 3_600_000 });
    await row('', 'old', { hold: 'paused' });
    const { code, out } = await call('doctor', '--known', 'remind');
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL +overdue work +remind: 2 overdue, the oldest by 1h\b/);
    expect(out).toMatch(/warn +leases +1 left behind by pod-7, the oldest ended 50m/);
    expect(out).toMatch(/warn +unknown tasks +old has 1 rows.*\n +→ .*unschedule old --all/);
    expect(out).toMatch(/warn +parked +remind: 1 parked\n +→ /);
    expect(out).toMatch(/warn +paused +old is paused as a whole\n +→ .*resume old --all/);
    const patient = await call('doctor', '--late', '2h', '--json');
    expect(patient.code).toBe(0);
    expect(JSON.parse(patient.out)).toMatchObject({ isHealthy: true });
    expect(JSON.parse((await call('list', '--json')).out)).toMatchObject({
      tasks: [
        { task: 'old', isPaused: true, paused: 1, nextAt: null },
        { task: 'remind', scheduled: 3, running: 1, parked: 1, due: 2 },
      ],
    });
  });

  if (name !== 'sqlite')
    it('finds the table where it is', async () => {
      const schema = name === 'postgres' ? 'Jobs' : String(dataSource.options.database);
      const where = ['--schema', schema, '--table', 'Elsewhere'];
      expect((await call('migrate', ...where)).out).toMatch(
        /^Created (["`]).+\1\.\1Elsewhere\1, version 1\.\n$/,
      );
      const { code, out } = await call('doctor', ...where);
      expect([code, out]).toEqual([0, expect.stringMatching(/ok +index +on \(queue, due_at\)\n/)]);
    });

  it('misses the index', async () => {
    const on = name === 'mariadb' ? ' ON pyncette_tasks' : '';
    await dataSource.query(`DROP INDEX pyncette_tasks_due${on}`);
    const { code, out } = await call('doctor');
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/FAIL +index .*reads the whole table\n +→ nestjs-pyncette migrate --print/),
    ]);
  });

  it('refuses a table of another release', async () => {
    const write = (version: number): Promise<unknown> =>
      dataSource.query(
        `UPDATE pyncette_tasks SET args = '{"version":${version}}' WHERE task = '' AND instance = ''`,
      );
    await write(99);
    const newer = await call('list');
    expect([newer.code, newer.err]).toEqual([
      1,
      expect.stringMatching(/has version 99, this release knows version 1/),
    ]);
    expect((await call('migrate')).code).toBe(1);
    expect((await call('doctor')).out).toMatch(/FAIL +table .*version 99/);
    await write(0);
    expect((await call('show', 'daily')).err).toMatch(/has version 0, this release needs version 1/);
  });
});
