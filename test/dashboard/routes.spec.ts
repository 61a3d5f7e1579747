import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  Module,
  type NestInterceptor,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import {
  type DashboardOptions,
  type DashboardOptionsFactory,
  PyncetteDashboardModule,
} from 'nestjs-pyncette/dashboard';
import { type Observable, map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../../lib/extras/dashboard/web-response.js';
import type {
  HistoryPage,
  InstanceDetail,
  InstancePage,
  Overview,
  Timeline,
} from '../../lib/extras/dashboard/wire.js';
import { type AdapterName, type Opened, open } from './open.js';

const ADAPTERS: AdapterName[] = ['express', 'fastify'];

/** What many applications do to every answer. */
class Wrapping implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

/** The files that the page asks for, as a browser at this address would. */
function filesOf(html: string, address: string): string[] {
  return [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => new URL(path, address).href);
}

async function expectWholePage(address: string): Promise<void> {
  const response = await fetch(address);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  const files = filesOf(await response.text(), address);
  expect(files).toHaveLength(4);
  for (const file of files) {
    const answer = await fetch(file);
    expect([file, answer.status]).toEqual([file, 200]);
    await answer.arrayBuffer();
  }
  const script = files.find((file) => /index-.*\.js$/.test(file)) ?? '';
  const overview = await fetch(new URL('../api/overview', script));
  expect(await overview.json()).toMatchObject({ tasks: expect.any(Array) });
}

describe.each(ADAPTERS)('The page on %s', (adapter) => {
  it('is found with its files and its API', async () => {
    const { url } = await open({ adapter });
    await expectWholePage(`${url}/pyncette`);
  });

  it('is found behind a global prefix, in a versioned application with strict pipes and interceptors that wrap', async () => {
    const { url } = await open({
      adapter,
      dashboard: { path: 'ops/jobs' },
      setUp: (app) => {
        app.setGlobalPrefix('api');
        app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
        app.useGlobalPipes(
          new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }),
        );
        app.useGlobalInterceptors(new Wrapping());
      },
    });
    await expectWholePage(`${url}/api/ops/jobs`);
    const answer = await fetch(`${url}/api/ops/jobs/api/actions/pause`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-pyncette-dashboard': '1', origin: url },
      body: JSON.stringify({ task: 'regular', instance: null, extra: 1 }),
    });
    expect(await answer.json()).toEqual({ changed: 1 });
  });

  it('asks for its files where a reverse proxy shows it', async () => {
    const { get } = await open({ adapter, dashboard: { basePath: '/tools/jobs/' } });
    const html = await (await get('/pyncette')).text();
    expect(filesOf(html, 'https://proxy.example/tools/jobs')).toContain(
      'https://proxy.example/tools/jobs/assets/theme.js',
    );
  });

  it('has the headers that keep it safe, and no script or style in itself', async () => {
    const { get } = await open({ adapter });
    for (const path of [
      '',
      '/assets/theme.js',
      '/assets/none.js',
      '/api/overview',
      '/api/instance?task=none',
    ]) {
      const { headers } = await get(`/pyncette${path}`);
      expect(headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
    const html = await (await get('/pyncette')).text();
    expect(html).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|style=|https?:/i);
  });

  it('is kept by browsers as long as it stays the same, and is small', async () => {
    const { get, url } = await open({ adapter });
    const html = await (await get('/pyncette')).text();
    let bytes = 0;
    for (const file of filesOf(html, `${url}/pyncette`)) {
      const headers = { 'accept-encoding': 'gzip' };
      const first = await fetch(file, { headers });
      expect(first.headers.get('content-encoding')).toBe('gzip');
      bytes += Number(first.headers.get('content-length'));
      expect(first.headers.get('cache-control')).toMatch(
        /-[\w-]{8}\.(js|css)$/.test(file) ? /immutable/ : /private, no-cache/,
      );
      await first.arrayBuffer();
      const etag = first.headers.get('etag') ?? '';
      expect((await fetch(file, { headers: { 'if-none-match': `"x", ${etag}` } })).status).toBe(304);
      const plain = await fetch(file, { headers: { 'accept-encoding': 'identity' } });
      expect(plain.headers.get('content-encoding')).toBeNull();
      await plain.arrayBuffer();
    }
    expect(bytes).toBeLessThan(60_000);
  });

  it.each([
    '/pyncette/assets/../index.html',
    '/pyncette/assets/..%2findex.html',
    '/pyncette/assets/%2e%2e%2f%2e%2e%2fpackage.json',
    '/pyncette/assets/..%5c..%5cpackage.json',
    '/pyncette/assets/....//package.json',
    '/pyncette/assets//etc/passwd',
    '/pyncette/assets/%00theme.js',
    '/pyncette/assets/constructor',
    '/pyncette/assets/',
  ])('does not serve %s', async (path) => {
    const { raw } = await open({ adapter });
    const { status, body } = await raw(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).not.toMatch(/<!doctype|"dependencies"|root:/);
  });
});

describe.each(ADAPTERS)('The API on %s', (adapter) => {
  const opened = (): Promise<Opened> => open({ adapter, scheduler: { history: { retention: '7d' } } });

  it('tells the tasks, what is due next, and when', async () => {
    const { json } = await opened();
    const { tasks } = await json<Overview>('/pyncette/api/overview');
    expect(tasks.map(({ name, kind, schedule }) => [name, kind, schedule])).toEqual([
      ['regular', 'static', 'every 10 s'],
      ['daily', 'static', '0 12 * * *'],
      ['greet', 'dynamic', null],
    ]);
    expect(tasks[1]?.instance?.scheduledAt).toMatchObject({
      zone: 'Europe/Dublin',
      local: '2026-01-01 12:00:00',
    });
    const timeline = await json<Timeline>('/pyncette/api/timeline?window=60000');
    expect(timeline.due.map(({ task }) => task)).toEqual(['regular', 'daily']);
    expect(timeline.lanes).toEqual([{ task: 'regular', dots: expect.any(Array), isDense: false }]);
    expect(timeline.lanes[0]?.dots.map((at) => at - timeline.now)).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => n * 10_000),
    );
  });

  it('pages through instances by the beginning of their names, in a state', async () => {
    const { json, pyncette } = await opened();
    const names = ['a/1', 'a/2', 'a/3', 'b/1'];
    await pyncette.scheduleTasks(
      'greet',
      names.map((instanceName) => ({ instanceName, interval: '1h' })),
    );
    await pyncette.pauseTask('greet', 'a/3');
    const list = '/pyncette/api/instances?task=greet&limit=2&prefix=a%2F';
    const first = await json<InstancePage>(list);
    const second = await json<InstancePage>(`${list}&after=${encodeURIComponent(first.next ?? '')}`);
    const namesOf = ({ instances }: InstancePage): (string | null)[] =>
      instances.map(({ instance }) => instance);
    expect([namesOf(first), namesOf(second), second.next]).toEqual([['a/1', 'a/2'], ['a/3'], null]);
    expect(await json('/pyncette/api/count?task=greet&prefix=a%2F')).toEqual({ count: 3 });
    expect(namesOf(await json('/pyncette/api/instances?task=greet&state=paused'))).toEqual(['a/3']);
  });

  it('tells one instance with its next ten runs, its error and its history', async () => {
    const { json, pyncette, clock } = await opened();
    await pyncette.scheduleTask('greet', 'ada', { executeIn: '1s', args: { fails: true, name: 'ada' } });
    await pyncette.scheduleTask('greet', 'bob', { schedule: '0 9 * * *', timezone: 'Asia/Tokyo' });
    await clock.advance('2s');
    const at = (instance: string): Promise<InstanceDetail> =>
      json(`/pyncette/api/instance?task=greet&instance=${instance}`);
    expect(await at('ada')).toMatchObject({ state: 'parked', error: { message: 'no greeting for ada' } });
    const { next } = await at('bob');
    expect(next).toHaveLength(10);
    expect(next[1]).toMatchObject({ local: '2026-01-03 09:00:00', zone: 'Asia/Tokyo' });
    const history = await json<HistoryPage>('/pyncette/api/history?task=greet&instance=ada');
    expect(history.entries).toMatchObject([
      { outcome: 'failed', attempt: 1, error: { message: 'no greeting for ada' } },
    ]);
  });

  it('does what people ask for', async () => {
    const { act, pyncette, clock } = await opened();
    await pyncette.scheduleTask('greet', 'ada', { executeIn: '1s', args: { fails: true } });
    await pyncette.scheduleTask('greet', 'bob', { interval: '1h' });
    await clock.advance('2s');
    const stateOf = async (name: string): Promise<string | undefined> =>
      (await pyncette.getTask('greet', name))?.state;
    const done = async (action: string, instance: string | null): Promise<unknown> =>
      (await act(action, { task: 'greet', instance })).json();
    expect(await stateOf('ada')).toBe('parked');
    expect(await done('retry', 'bob')).toEqual({ changed: 0 });
    expect(await done('retry', 'ada')).toEqual({ changed: 1 });
    await clock.advance('2s');
    expect(await done('retry-parked', null)).toEqual({ changed: 1 });
    expect(await done('pause', 'bob')).toEqual({ changed: 1 });
    expect(await stateOf('bob')).toBe('paused');
    expect(await done('resume', 'bob')).toEqual({ changed: 1 });
    expect(await done('trigger', 'bob')).toEqual({ changed: 1 });
    await clock.advance('1s');
    expect(await done('pause', null)).toEqual({ changed: 1 });
    expect(await pyncette.isPaused('greet')).toBe(true);
    expect(await done('unschedule', 'bob')).toEqual({ changed: 1 });
    expect(await done('unschedule', 'bob')).toEqual({ changed: 0 });
    expect(await pyncette.getTask('greet', 'bob')).toBeNull();
  });

  it('says what is wrong with a question', async () => {
    const { get, act } = await opened();
    const unknown = await get('/pyncette/api/instances?task=gret');
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toEqual({ message: expect.stringMatching(/There is no task 'gret'/) });
    expect((await get('/pyncette/api/instances')).status).toBe(400);
    expect((await act('dance', { task: 'greet', instance: null })).status).toBe(400);
    expect((await act('trigger', { task: 7 })).status).toBe(400);
    expect((await act('constructor', { task: 'greet' })).status).toBe(400);
  });
});

@Injectable()
class Configured implements DashboardOptionsFactory {
  createDashboardOptions(): DashboardOptions {
    return { guards: [], readOnly: true };
  }
}

@Module({ providers: [Configured], exports: [Configured] })
class ConfigModule {}

describe('forRootAsync', () => {
  it.each([
    ['useFactory', { inject: [Configured], useFactory: (made: Configured) => made.createDashboardOptions() }],
    ['useExisting', { useExisting: Configured }],
    ['useClass', { useClass: Configured }],
  ])('takes its options from %s', async (_name, way) => {
    const module = PyncetteDashboardModule.forRootAsync({ path: '/jobs', imports: [ConfigModule], ...way });
    const { json } = await open({ module });
    expect(await json('/jobs/api/overview')).toMatchObject({ readOnly: true });
  });

  it('is refused where the options guard nothing', async () => {
    const module = PyncetteDashboardModule.forRootAsync({ useFactory: async () => ({}) });
    await expect(open({ module })).rejects.toThrow(/without guards everybody/);
  });

  it('serves two dashboards in one application', async () => {
    const second = PyncetteDashboardModule.forRoot({ path: '/support', guards: [], readOnly: true });
    const { json } = await open({ imports: [second] });
    expect(await json('/pyncette/api/overview')).toMatchObject({ readOnly: false });
    expect(await json('/support/api/overview')).toMatchObject({ readOnly: true });
  });
});
