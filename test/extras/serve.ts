import type { DynamicModule, INestApplication, Provider, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { PyncetteModule, type PyncetteModuleOptions, PyncetteService } from 'nestjs-pyncette';
import { TestClock } from 'nestjs-pyncette/testing';
import { onTestFinished } from 'vitest';
import { LogBook } from '../e2e/launch.js';

/** What a test needs besides its providers. */
export interface ServeOptions extends PyncetteModuleOptions {
  imports?: (DynamicModule | Type)[];
  controllers?: Type[];
  clock?: TestClock;
}

/** An application that listens. */
export interface Served {
  readonly app: INestApplication;
  readonly pyncette: PyncetteService;
  readonly clock: TestClock;
  get(path: string): Promise<Response>;
  close(): Promise<void>;
}

/** Starts a web application with these providers at a free port; it is closed when the test ends, if not before. */
export async function serve(providers: Provider[], options: ServeOptions = {}): Promise<Served> {
  const { imports = [], controllers = [], clock = new TestClock(), ...rest } = options;
  const module = await Test.createTestingModule({
    imports: [PyncetteModule.forRoot({ ...rest, clock }), ...imports],
    controllers,
    providers,
  })
    .setLogger(new LogBook())
    .compile();
  const app = module.createNestApplication();
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    closing ??= app.close();
    await clock.advance('1h');
    await closing;
  };
  onTestFinished(close);
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const get = (path: string): Promise<Response> => fetch(`${url}${path}`);
  return { app, pyncette: app.get(PyncetteService), clock, get, close };
}
