import { type CanActivate, type ExecutionContext, Inject, Injectable, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { type DashboardOptions, PyncetteDashboardModule } from 'nestjs-pyncette/dashboard';
import { of } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../../lib/extras/dashboard/web-response.js';
import type { InstanceDetail } from '../../lib/extras/dashboard/wire.js';
import { type AdapterName, type Opened, open } from './open.js';

const ADAPTERS: AdapterName[] = ['express', 'fastify'];
const READS = [
  '',
  '/assets/icon.svg',
  '/api/overview',
  '/api/timeline',
  '/api/instances?task=greet',
  '/api/events',
];

/** Something of the application that a guard needs. */
@Injectable()
class Keys {
  readonly right = 'key';
}

@Injectable()
class AdminGuard implements CanActivate {
  constructor(@Inject(Keys) private readonly keys: Keys) {}

  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest().headers['authorization'] === this.keys.right;
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestGuard implements CanActivate {
  constructor(@Inject(REQUEST) private readonly request: { headers: Record<string, string> }) {}

  canActivate(): boolean {
    return this.request.headers['authorization'] === 'key';
  }
}

const statuses = (opened: Opened, headers: Record<string, string> = {}): Promise<number[]> =>
  Promise.all(
    READS.map(async (path) => {
      const response = await opened.get(`/pyncette${path}`, headers);
      await response.body?.cancel();
      return response.status;
    }),
  );

describe.each(ADAPTERS)('The dashboard’s guards on %s', (adapter) => {
  it.each([
    ['a class that the application provides', AdminGuard, [Keys, AdminGuard]],
    ['a class that nobody provides', AdminGuard, [Keys]],
    ['a class of the request’s scope', RequestGuard, [RequestGuard]],
    ['an instance', new AdminGuard({ right: 'key' }), []],
    [
      'an instance that answers later',
      {
        canActivate: (context: ExecutionContext) => of(new AdminGuard({ right: 'key' }).canActivate(context)),
      },
      [],
    ],
  ])('stand before the page, its files and its API: %s', async (_name, guard, providers) => {
    const opened = await open({ adapter, dashboard: { guards: [guard] }, providers });
    expect(await statuses(opened)).toEqual(READS.map(() => 403));
    expect(await statuses(opened, { authorization: 'key' })).toEqual(READS.map(() => 200));
    const refused = await opened.act('trigger', { task: 'regular', instance: null });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
    expect((await opened.act('trigger', { task: 'regular' }, { authorization: 'key' })).status).toBe(200);
  });

  it('all have to agree', async () => {
    const no: CanActivate = { canActivate: async () => false };
    const opened = await open({ adapter, dashboard: { guards: [{ canActivate: () => true }, no] } });
    expect(await statuses(opened)).toEqual(READS.map(() => 403));
  });
});

describe('A dashboard that nobody guards', () => {
  afterEach(() => vi.unstubAllEnvs());
  const unguarded = (): Promise<Opened> => open({ module: PyncetteDashboardModule.forRoot() });

  it.each(['production', 'test', ''])('is refused at the start, with NODE_ENV %j', async (environment) => {
    vi.stubEnv('NODE_ENV', environment);
    await expect(unguarded()).rejects.toThrow(
      /without guards everybody .* guards: \[AdminGuard\], or guards: \[\]/,
    );
  });

  it('is served if the application says that this is meant', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(await statuses(await open({ dashboard: { guards: [] } }))).toEqual(READS.map(() => 200));
  });

  it('answers in development under this machine’s own names only', async () => {
    vi.stubEnv('NODE_ENV', 'development');
    const opened = await unguarded();
    expect(await statuses(opened)).toEqual(READS.map(() => 200));
    const { status, body } = await opened.raw('/pyncette/api/overview');
    expect([status, JSON.parse(body)]).toMatchObject([200, { readOnly: false }]);
    const rebound = await opened.raw('/pyncette', { host: 'evil.example' });
    expect([rebound.status, rebound.body]).toEqual([403, expect.stringContaining('localhost only')]);
  });

  it('is not started with options that are wrong, and all that is wrong is named', async () => {
    const wrong = { guards: ['admin'], readonly: true, readOnly: 'yes', basePath: 7, redact: [7] };
    const start = open({ module: PyncetteDashboardModule.forRoot(wrong as unknown as DashboardOptions) });
    const { message } = await start.then(
      () => new Error('it started'),
      (error: Error) => error,
    );
    for (const part of [
      "'readonly'",
      "'readOnly'?",
      'guards is a list',
      "readOnly is 'yes'",
      'basePath is 7',
      'redact is a list',
    ])
      expect(message).toContain(part);
  });
});

describe.each(ADAPTERS)('A request that changes something, on %s', (adapter) => {
  const pause = { task: 'regular', instance: null };
  const isPaused = (opened: Opened): Promise<boolean> => opened.pyncette.isPaused('regular');

  it.each<[string, Record<string, string | null>]>([
    ['without the header of the page', { 'x-pyncette-dashboard': null }],
    ['with the content type of a form', { 'content-type': 'text/plain' }],
    ['from another origin', { origin: 'https://evil.example' }],
    ['from another port', { origin: 'http://127.0.0.1:1' }],
    ['from an origin that hides', { origin: 'null' }],
    ['that says nothing of where it comes from', { origin: null }],
    ['from another site, says the browser', { 'sec-fetch-site': 'cross-site' }],
    ['from a neighbouring site, says the browser', { 'sec-fetch-site': 'same-site' }],
    ['typed by hand, says the browser', { 'sec-fetch-site': 'none' }],
  ])('is refused %s', async (_name, headers) => {
    const opened = await open({ adapter });
    const response = await opened.act('pause', pause, headers);
    expect([403, 415]).toContain(response.status);
    expect(await isPaused(opened)).toBe(false);
  });

  it('is done from the page itself, also where a proxy has changed the host', async () => {
    const opened = await open({ adapter });
    expect(await (await opened.act('pause', pause)).json()).toEqual({ changed: 1 });
    expect(await isPaused(opened)).toBe(true);
    const headers = { origin: 'https://outside.example', 'sec-fetch-site': 'same-origin' };
    expect((await opened.act('resume', pause, headers)).status).toBe(200);
    expect(await isPaused(opened)).toBe(false);
  });

  it('is read where the application reads no bodies, up to a length', async () => {
    const opened = await open({ adapter, bodyParser: false });
    const done = await opened.act('pause', pause);
    expect([done.status, await isPaused(opened)]).toEqual([200, true]);
    const tooLong = await opened.act('resume', { ...pause, text: 'x'.repeat(2_000_000) });
    expect(tooLong.status).toBeGreaterThanOrEqual(400);
    expect(await isPaused(opened)).toBe(true);
  });

  it('is no GET', async () => {
    const opened = await open({ adapter });
    expect((await opened.get('/pyncette/api/actions/pause?task=regular')).status).toBe(404);
    expect(await isPaused(opened)).toBe(false);
  });

  it('is refused by a dashboard that is read only', async () => {
    const opened = await open({ adapter, dashboard: { readOnly: true } });
    for (const action of ['trigger', 'pause', 'resume', 'retry', 'retry-parked', 'unschedule'])
      expect((await opened.act(action, pause)).status).toBe(403);
    expect(await isPaused(opened)).toBe(false);
    expect(await opened.json('/pyncette/api/overview')).toMatchObject({ readOnly: true });
  });
});

describe.each(ADAPTERS)('What other sites may read, on %s', (adapter) => {
  it('is nothing, whatever the application’s CORS says', async () => {
    const opened = await open({
      adapter,
      setUp: (app) => app.enableCors({ origin: true, credentials: true }),
    });
    const headers = { origin: 'https://evil.example' };
    const response = await opened.get('/pyncette/api/overview', headers);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    const foreign = await opened.get('/pyncette/api/overview', { 'sec-fetch-site': 'cross-site' });
    expect(foreign.status).toBe(403);
    expect((await opened.get('/pyncette/api/events', { 'sec-fetch-site': 'same-site' })).status).toBe(403);
  });
});

describe('Args', () => {
  const args = {
    name: '<script>alert(1)</script>',
    card: { Number: '4111', holder: 'Ada' },
    list: [{ number: 5 }],
  };
  const shown = async (dashboard: DashboardOptions): Promise<string> => {
    const opened = await open({ dashboard });
    await opened.pyncette.scheduleTask('greet', 'ada', { interval: '1h', args });
    const detail = await opened.json<InstanceDetail>('/pyncette/api/instance?task=greet&instance=ada');
    return detail.args;
  };

  it('are text, as they are', async () => {
    expect(JSON.parse(await shown({}))).toEqual(args);
  });

  it('lack what is redacted by name, at any depth and in any case', async () => {
    expect(JSON.parse(await shown({ redact: ['NUMBER'] }))).toEqual({
      ...args,
      card: { Number: '[redacted]', holder: 'Ada' },
      list: [{ number: '[redacted]' }],
    });
  });

  it('are what a function answers, which cannot change them', async () => {
    const redact: DashboardOptions['redact'] = (given, task) => {
      Reflect.set(given, 'name', task);
      return { only: given['name'] };
    };
    expect(JSON.parse(await shown({ redact }))).toEqual({ only: 'greet' });
  });

  it('are not shown at all when that function fails, or answers what is no JSON', async () => {
    const fails = (): never => {
      throw new Error('4111');
    };
    expect(await shown({ redact: fails })).toBe('[redacted: the redact function failed]');
    expect(await shown({ redact: () => 1n })).toBe('[redacted: the redact function failed]');
  });
});

describe('The application’s log', () => {
  it('holds nothing of its data, whatever is asked and whatever goes wrong', async () => {
    const opened = await open();
    await opened.pyncette.scheduleTask('greet', 'secret-instance', {
      interval: '1h',
      args: { name: 'secret-name' },
    });
    const before = opened.logged.length;
    await opened.get('/pyncette/api/instance?task=greet&instance=secret-instance');
    await opened.get('/pyncette/api/instance?task=secret-task');
    await opened.get('/pyncette/api/instances?task=greet&after=%00%ff&state=secret-state&limit=-1');
    await opened.act('pause', { task: 'greet', instance: 'secret-instance' });
    await opened.act('unschedule', { task: 'regular', instance: 'secret-none' });
    await opened.act('secret-action', 'secret-body');
    expect(opened.logged.slice(before).filter((line) => line.includes('secret'))).toEqual([]);
  });
});
