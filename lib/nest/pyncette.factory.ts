import { stopwatch } from '../core/clock.js';
import { type INestApplicationContext, Logger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** A signal that comes again within this is the same one: npm and terminals deliver some twice. */
const SAME_SIGNAL_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** What `NestFactory.createApplicationContext` takes. */
type RunOptions = NonNullable<Parameters<typeof NestFactory.createApplicationContext>[1]>;

/** The stand-alone main loop. */
export class PyncetteFactory {
  /**
   * Runs an application without HTTP until SIGINT or SIGTERM: the first drains and ends with code 0, a second one ends the
   * process at once. A start that fails is logged and ends with code 1.
   */
  static async run(module: Type<unknown>, options: RunOptions = {}): Promise<void> {
    const run = new Run();
    try {
      run.started(await NestFactory.createApplicationContext(module, { ...options, abortOnError: false }));
    } catch (error) {
      run.failed('The application could not start', error);
    }
  }
}

/** One process from its start to its end. */
class Run {
  private readonly logger = new Logger('Pyncette');
  private readonly onSignal = (signal: NodeJS.Signals): void => this.received(signal);
  private firstAt: number | null = null;
  private signal: NodeJS.Signals | null = null;
  private app: INestApplicationContext | null = null;

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
  }

  started(app: INestApplicationContext): void {
    this.app = app;
    if (this.signal !== null) void this.drain(app);
  }

  failed(what: string, error: unknown): void {
    this.logger.error(what, error instanceof Error ? (error.stack ?? error.message) : String(error));
    this.end(1);
  }

  private received(signal: NodeJS.Signals): void {
    const now = stopwatch();
    if (this.firstAt !== null) {
      if (now - this.firstAt > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    this.firstAt = now;
    this.signal = signal;
    this.logger.log(`${signal}: waiting for what is executing; once more ends the process at once`);
    if (this.app !== null) void this.drain(this.app);
  }

  private async drain(app: INestApplicationContext): Promise<void> {
    try {
      await app.close();
      this.end(0);
    } catch (error) {
      this.failed('The application did not end as it should', error);
    }
  }

  /** The process ends by itself; whatever a handler that ignored its signal still does must not keep it. */
  private end(code: number): void {
    process.exitCode = code;
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
    AbortSignal.timeout(2_000).addEventListener('abort', () => process.exit(code));
  }
}
