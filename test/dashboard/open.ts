import {
  type DynamicModule,
  type INestApplication,
  Injectable,
  type Provider,
  type Type,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  DynamicTask,
  PyncetteModule,
  type PyncetteModuleOptions,
  PyncetteService,
  Task,
  TaskContext,
} from 'nestjs-pyncette';
import { type DashboardOptions, PyncetteDashboardModule } from 'nestjs-pyncette/dashboard';
import { TestClock } from 'nestjs-pyncette/testing';
import { request } from 'node:http';
import { onTestFinished } from 'vitest';
import { PAGE_FOLDER, STREAM_CLOCK } from '../../lib/extras/dashboard/dashboard.constants.js';
import { LogBook } from '../e2e/launch.js';
import { builtPage } from './page.js';

/** What an application with a dashboard may have: one task that goes well, one that fails, a template. */
@Injectable()
export class Work {
  readonly greeted: unknown[] = [];

  @Task({ interval: '10s' })
  async regular(): Promise<void> {}

  @Task({ schedule: '0 12 * * *', timezone: 'Europe/Dublin' })
  async daily(): Promise<void> {}

  @DynamicTask({ retry: { maxAttempts: 1, exhausted: 'park', delay: '1s' } })
  async greet(context: TaskContext): Promise<void> {
    if (context.args['fails'] === true) throw new Error(`no greeting for ${String(context.args['name'])}`);
    this.greeted.push(context.task.instanceName);
  }
}

export type AdapterName = 'express' | 'fastify';

/** What a test asks for. */
export interface OpenOptions {
  readonly adapter?: AdapterName;
  readonly dashboard?: DashboardOptions;
  /** Instead of `forRoot` with the options above. */
  readonly module?: DynamicModule;
  readonly scheduler?: PyncetteModuleOptions;
  readonly providers?: Provider[];
  readonly imports?: (DynamicModule | Type)[];
  /** By which frames are sent; the machine's own, if there is none. */
  readonly streamClock?: TestClock;
  readonly setUp?: (app: INestApplication) => void;
  readonly port?: number;
  /** Whether the application reads bodies. Default true. */
  readonly bodyParser?: boolean;
  /** Whether connections that clients keep open are cut at the end. Default true. */
  readonly cutsConnections?: boolean;
}

/** An application that answers, closed when the test ends. */
export interface Opened {
  readonly app: INestApplication;
  readonly pyncette: PyncetteService;
  readonly clock: TestClock;
  readonly url: string;
  readonly logged: readonly string[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  json<T>(path: string): Promise<T>;
  act(action: string, body: unknown, headers?: Record<string, string | null>): Promise<Response>;
  /** The path exactly as it is given, which `fetch` would tidy up. */
  raw(
    path: string,
    headers?: Record<string, string>,
  ): Promise<{ readonly status: number; readonly body: string }>;
  close(): Promise<void>;
}

export async function open(options: OpenOptions = {}): Promise<Opened> {
  const clock = new TestClock();
  const logBook = new LogBook();
  const forceCloseConnections = options.cutsConnections ?? true;
  const dashboard =
    options.module ??
    PyncetteDashboardModule.forRoot({ path: '/pyncette', guards: [], ...options.dashboard });
  let building = Test.createTestingModule({
    imports: [PyncetteModule.forRoot({ clock, ...options.scheduler }), dashboard, ...(options.imports ?? [])],
    providers: [Work, ...(options.providers ?? [])],
  })
    .setLogger(logBook)
    .overrideProvider(PAGE_FOLDER)
    .useValue(await builtPage());
  if (options.streamClock !== undefined)
    building = building.overrideProvider(STREAM_CLOCK).useValue(options.streamClock);
  const app = (await building.compile()).createNestApplication(
    options.adapter === 'fastify' ? new FastifyAdapter({ forceCloseConnections }) : new ExpressAdapter(),
    { forceCloseConnections, bodyParser: options.bodyParser ?? true },
  );
  options.setUp?.(app);
  await app.listen(options.port ?? 0, '127.0.0.1');
  const close = async (): Promise<void> => {
    const closing = app.close();
    await clock.advance('1h');
    await closing;
  };
  onTestFinished(close);
  return {
    app,
    pyncette: app.get(PyncetteService),
    clock,
    logged: logBook.lines,
    close,
    ...client(await app.getUrl()),
  };
}

function client(url: string) {
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(url + path, { headers });
  return {
    url,
    get,
    json: async <T>(path: string): Promise<T> => (await (await get(path)).json()) as T,
    act: (action: string, body: unknown, headers: Record<string, string | null> = {}): Promise<Response> => {
      const own = {
        'content-type': 'application/json',
        'x-pyncette-dashboard': '1',
        origin: url,
        ...headers,
      };
      const sent = Object.entries(own).filter((header): header is [string, string] => header[1] !== null);
      return fetch(`${url}/pyncette/api/actions/${action}`, {
        method: 'POST',
        headers: sent,
        body: JSON.stringify(body),
      });
    },
    raw: (path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(url);
        request({ hostname, port, path, headers }, (response) => {
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (text: string) => (body += text));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        })
          .on('error', reject)
          .end();
      }),
  };
}
