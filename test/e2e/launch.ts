import type { DynamicModule, LoggerService, Provider, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  type PyncetteEvent,
  PyncetteModule,
  type PyncetteModuleOptions,
  PyncetteService,
} from 'nestjs-pyncette';
import { TestClock } from 'nestjs-pyncette/testing';
import { onTestFinished } from 'vitest';

/** What is logged, line by line; nothing is printed. */
export class LogBook implements LoggerService {
  readonly lines: string[] = [];
  readonly log = (message: unknown): void => this.note('log', message);
  readonly error = (message: unknown): void => this.note('error', message);
  readonly warn = (message: unknown): void => this.note('warn', message);
  readonly debug = (message: unknown): void => this.note('debug', message);

  private note(level: string, message: unknown): void {
    this.lines.push(`${level}: ${String(message)}`);
  }
}

/** What a test needs besides its providers. */
export interface LaunchOptions extends PyncetteModuleOptions {
  imports?: (DynamicModule | Type)[];
  controllers?: Type[];
  clock?: TestClock;
}

/** A started application, closed when the test ends. */
export interface Launched {
  readonly app: TestingModule;
  readonly pyncette: PyncetteService;
  readonly clock: TestClock;
  readonly events: PyncetteEvent[];
  readonly logged: readonly string[];
  /** The events of one type. */
  of<T extends PyncetteEvent['type']>(type: T): Extract<PyncetteEvent, { type: T }>[];
}

/** Starts an application with these providers on a test clock that stands at 2026-01-01T00:00:00Z. */
export async function launch(providers: Provider[], options: LaunchOptions = {}): Promise<Launched> {
  const { imports = [], controllers = [], clock = new TestClock(), ...rest } = options;
  const logBook = new LogBook();
  const app = await Test.createTestingModule({
    imports: [PyncetteModule.forRoot({ ...rest, clock }), ...imports],
    controllers,
    providers,
  })
    .setLogger(logBook)
    .compile();
  onTestFinished(async () => {
    const closing = app.close();
    await clock.advance('1h');
    await closing;
  });
  const pyncette = app.get(PyncetteService);
  const events: PyncetteEvent[] = [];
  pyncette.events$.subscribe((event) => events.push(event));
  await app.init();
  const of = <T extends PyncetteEvent['type']>(type: T) =>
    events.filter((event): event is Extract<PyncetteEvent, { type: T }> => event.type === type);
  return { app, pyncette, clock, events, logged: logBook.lines, of };
}

/** Why an application with these providers does not start. */
export async function refusal(
  providers: Provider[],
  options: PyncetteModuleOptions = {},
  imports: (DynamicModule | Type)[] = [],
): Promise<Error> {
  const app = await Test.createTestingModule({
    imports: [PyncetteModule.forRoot({ clock: new TestClock(), ...options }), ...imports],
    providers,
  })
    .setLogger(new LogBook())
    .compile()
    .catch((error: Error) => error);
  if (app instanceof Error) return app;
  onTestFinished(() => app.close());
  return app.init().then(
    () => new Error('the application started'),
    (error: Error) => error,
  );
}
