import type { TestingModule } from '@nestjs/testing';
import { PyncetteService } from 'nestjs-pyncette';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASES, type TestDatabase, createDatabase, isAvailable } from '../databases/databases.js';
import { ran, startApplication } from './application.js';
import { BuiltCommand, type Said, runHere, urlOf } from './command.js';

let command: BuiltCommand;
beforeAll(() => {
  command = BuiltCommand.build();
}, 60_000);
afterAll(() => command.remove());

/** Distances in time, and the moment of a failure, are what they are; the rest is not. */
const steady = (text: string): string =>
  text
    .replaceAll(/ +(?:in(?: \d+[dhms]+)+|(?:\d+[dhms]+ )+ago)/g, ' <when>')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '<moment>')
    .replaceAll(/ +/g, ' ')
    .replaceAll(/ +$/gm, '');

describe.each(DATABASES.filter(isAvailable))('The command line on %s', { timeout: 60_000 }, (name) => {
  let database: TestDatabase;
  let app: TestingModule;
  let pyncette: PyncetteService;

  beforeAll(async () => {
    database = await createDatabase(name);
    app = await startApplication(database.options);
    pyncette = app.get(PyncetteService);
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const call = (...line: string[]): Promise<Said> => runHere(line, { PYNCETTE_URL: urlOf(database.options) });
  /** What a call with `--json` has answered. */
  const answer = async (...line: string[]): Promise<unknown> => {
    const { code, out, err } = await call(...line, '--json');
    expect(err).toBe('');
    expect(code).toBe(0);
    return JSON.parse(out);
  };

  it('lists tasks and instances, for people and for programs', async () => {
    const tasks = await call('list');
    expect(steady(tasks.out)).toBe(
      [
        'TASK KIND SCHEDULED RUNNING PAUSED PARKED NEXT (Europe/Madrid)',
        'daily static 1 0 0 0 <moment> <when>',
        'remind template 2 0 1 2 <moment> <when>\n',
      ].join('\n'),
    );
    expect(await answer('list')).toMatchObject({
      tasks: [
        { task: 'daily', kind: 'static', isPaused: false, rows: 1, scheduled: 1, due: 0 },
        { task: 'remind', kind: 'template', rows: 5, scheduled: 2, running: 0, paused: 1, parked: 2 },
      ],
    });
    const instances = await call('list', 'remind', '--utc');
    expect(steady(instances.out)).toBe(
      [
        'INSTANCE STATE NEXT (UTC) TRY SCHEDULE LAST ERROR',
        'ada scheduled <moment> <when> 0 30 9 1 1 * (Asia/Tokyo)',
        'bill paused <moment> <when> 0 every 1d 12h',
        'broken-1 parked <moment> <when> 1 once after 0s RangeError: no such user',
        'broken-2 parked <moment> <when> 1 once after 0s RangeError: red \\u001b[31m text',
        'new-year scheduled <moment> <when> 0 once at <moment>\n',
      ].join('\n'),
    );
    expect(instances.out).toContain('2199-12-31 23:00:00');
    expect(instances.out).toMatch(/ada .* \d{4}-01-01 00:30:00/);
  });

  it('pages, and finds by state and prefix', async () => {
    const page = await call('list', 'remind', '--limit', '2');
    expect(page.out).toMatch(/^ada .*\nbill [^\n]*\n$/m);
    expect(page.err).toContain('--after bill');
    expect(await answer('list', 'remind', '--limit', '3', '--after', 'bill')).toMatchObject({
      task: 'remind',
      instances: [{ instance: 'broken-1' }, { instance: 'broken-2' }, { instance: 'new-year' }],
      after: null,
    });
    expect(await answer('list', 'remind', '--prefix', 'broken', '--limit', '1')).toMatchObject({
      instances: [{ instance: 'broken-1' }],
      after: 'broken-1',
    });
    expect(await answer('list', 'remind', '--prefix', 'ada')).toMatchObject({
      instances: [{ instance: 'ada' }],
    });
    expect(await answer('list', 'remind', '--state', 'paused')).toMatchObject({
      instances: [{ instance: 'bill' }],
    });
    expect(await answer('list', '--state', 'parked')).toMatchObject({ tasks: [{ task: 'remind' }] });
  });

  it('shows an instance with its next ten runs, in the viewer’s zone and its own', async () => {
    const { out } = await call('show', 'remind', 'ada');
    const lines = steady(out).split('\n');
    expect(lines.slice(0, 5)).toEqual([
      'remind:ada',
      ' state scheduled',
      ' schedule 30 9 1 1 * (Asia/Tokyo)',
      ' scheduled <moment> +01:00 Europe/Madrid <when>',
      ' <moment> +09:00 Asia/Tokyo',
    ]);
    expect(out).toMatch(
      /Next 10 runs\n( {2}\d{4}-01-01 01:30:00 \+01:00 Europe\/Madrid {3}\d{4}-01-01 09:30:00 .*\n){10}$/,
    );
    expect(out).toMatch(/"username": "ada"/);
    expect((await call('show', 'remind', 'ada', '--no-args')).out).not.toContain('username');
    const daily = await answer('show', 'daily');
    expect(daily).toMatchObject({
      task: 'daily',
      instance: null,
      state: 'scheduled',
      schedule: { kind: 'cron', expression: '0 12 * * *', timezone: 'Europe/Dublin', seconds: 'first' },
      timezone: 'Europe/Dublin',
      lastError: null,
      args: {},
    });
    expect(daily).toHaveProperty('nextRuns.length', 10);
    const broken = await call('show', 'remind', 'broken-1');
    expect(broken.out).toMatch(/RangeError: no such user\n +second line\n/);
    expect(await answer('show', 'remind', 'broken-1', '--no-args')).not.toHaveProperty('args');
  });

  it('says what does not exist, with what may have been meant', async () => {
    const task = await call('show', 'remnd', 'ada');
    expect([task.code, task.err]).toEqual([
      1,
      expect.stringMatching(/no task 'remnd'.*did you mean 'remind'\?/),
    ]);
    const instance = await call('pause', 'remind', 'adda');
    expect([instance.code, instance.err]).toEqual([
      1,
      expect.stringMatching(/no remind:adda .*did you mean 'ada'\?/),
    ]);
    const template = await call('pause', 'remind');
    expect([template.code, template.err]).toEqual([
      2,
      expect.stringMatching(/template: name one of its instances .* or --all/),
    ]);
    const fixed = await call('unschedule', 'daily', '--state', 'parked');
    expect([fixed.code, fixed.err]).toEqual([2, expect.stringMatching(/static task/)]);
  });

  it('triggers, pauses and resumes, and the running process obeys', async () => {
    expect((await call('trigger', 'daily')).out).toBe('daily runs once with the next poll.\n');
    await expect.poll(() => ran).toContain('daily');
    await call('trigger', 'remind', 'ada', '--args', '{"username":"eve"}');
    await expect.poll(() => ran).toContain('remind:ada {"username":"eve"}');
    expect((await call('trigger', 'remind', 'ada', '--args', '[1]')).code).toBe(2);
    expect((await call('pause', 'remind', 'ada')).out).toBe('remind:ada is paused.\n');
    expect((await pyncette.getTask('remind', 'ada'))?.state).toBe('paused');
    expect((await call('trigger', 'remind', 'ada')).out).toMatch(
      /runs once when it has been resumed: it is paused/,
    );
    expect(await answer('resume', 'remind', 'ada', '--from', 'now')).toMatchObject({
      instance: 'ada',
      state: 'scheduled',
    });
    await expect.poll(() => ran).toContain('remind:ada {"username":"ada"}');
    await call('pause', 'remind', '--all');
    expect((await pyncette.getTask('remind', 'new-year'))?.state).toBe('paused');
    expect((await call('list')).out).toMatch(/template, paused/);
    expect((await call('show', 'remind', 'new-year')).out).toContain('paused, with its whole template');
    expect((await call('resume', 'remind', '--all', '--from', 'now')).out).toBe('remind goes on.\n');
    expect((await pyncette.getTask('remind', 'new-year'))?.state).toBe('scheduled');
    const unknown = await call('pause', 'remnd', '--all');
    expect([unknown.code, unknown.err]).toEqual([
      2,
      expect.stringMatching(/did you mean 'remind'\?.*give --yes/),
    ]);
  });

  it('names what is parked, resumes and unschedules many', async () => {
    expect(steady((await call('parked')).out)).toMatch(
      /^TASK INSTANCE TRIES FAILED \(Europe\/Madrid\) LAST ERROR\nremind broken-1 1 <moment> <when> RangeError: no such user\nremind broken-2 /,
    );
    const unsure = await call('resume', 'remind', '--state', 'parked');
    expect([unsure.code, unsure.out]).toEqual([2, '']);
    expect(unsure.err).toContain(
      'Resume 2 instances of remind that are parked? Nobody can be asked here: give --yes',
    );
    const resumed = await call('resume', 'remind', '--state', 'parked', '--prefix', 'broken-2', '--yes');
    expect(resumed.out).toBe(
      "Resumed 1 of 1 instance of remind that are parked, whose names begin with 'broken-2'.\n",
    );
    await expect
      .poll(() => pyncette.getTask('remind', 'broken-2'))
      .toMatchObject({ state: 'parked', attempt: 1 });
    expect(await answer('unschedule', 'remind', '--state', 'parked', '--yes')).toEqual({
      task: 'remind',
      state: 'parked',
      prefix: null,
      matched: 2,
      changed: 2,
    });
    expect((await call('parked')).err).toBe('Nothing is parked.\n');
    expect((await call('unschedule', 'remind', 'ada')).out).toBe('remind:ada is unscheduled.\n');
    expect(await pyncette.getTask('remind', 'ada')).toBeNull();
  });

  it('does many things in steps, after asking on a terminal', async () => {
    const instances = Array.from({ length: 1_200 }, (_, index) => ({
      instanceName: `user-${index}`,
      executeIn: '1d',
    }));
    await pyncette.scheduleTasks('remind', instances);
    const line = ['unschedule', 'remind', '--prefix', 'user-'];
    const env = { PYNCETTE_URL: urlOf(database.options) };
    const refused = await command.runOnTerminal(line, 'n', env);
    expect(refused.out).toContain(
      "Unschedule 1,200 instances of remind whose names begin with 'user-'? [y/N]",
    );
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('Nothing was changed.')]);
    const done = await command.runOnTerminal(line, 'y', env);
    expect(done.out).toMatch(/Unscheduled █{30} 1,200 of 1,200 \(100 %\)/);
    expect([done.code, done.out]).toEqual([
      0,
      expect.stringContaining('Unscheduled 1,200 of 1,200 instances'),
    ]);
    expect((await pyncette.listTasks('remind')).tasks.map(({ instanceName }) => instanceName)).toEqual([
      'bill',
      'new-year',
    ]);
  });

  it('removes the row of a static task only when told so', async () => {
    expect((await call('unschedule', 'daily', '--all')).code).toBe(2);
    expect((await call('unschedule', 'daily', '--all', '--yes')).out).toBe('daily is removed.\n');
    expect(await answer('list')).toMatchObject({ tasks: [{ task: 'remind' }] });
  });
});
