import { Injectable } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { DynamicTask, type TaskContext } from 'nestjs-pyncette';
import {
  PyncetteOpenTelemetryModule,
  type PyncetteOpenTelemetryOptions,
} from 'nestjs-pyncette/opentelemetry';
import type { TestClock } from 'nestjs-pyncette/testing';
import { type LaunchOptions, launch } from '../e2e/launch.js';
import { within } from './tracing.js';

/** Tasks of a traced application. */
@Injectable()
export class TracedTasks {
  /** The spans that were active in handlers. */
  readonly active: (string | undefined)[] = [];

  @DynamicTask()
  async mail(context: TaskContext<{ fail?: boolean; next?: string }>): Promise<void> {
    this.active.push(trace.getActiveSpan()?.spanContext().spanId);
    await within('send', async () => context.get<TestClock>('clock').sleep(10));
    this.active.push(trace.getActiveSpan()?.spanContext().spanId);
    if (context.args.fail) throw new TypeError('no address');
    if (context.args.next) await context.app.scheduleTask('mail', context.args.next, { interval: '1h' });
  }

  @DynamicTask({ timeout: '1s', retry: { maxAttempts: 1, delay: '1s' } })
  async slow(context: TaskContext): Promise<void> {
    await context.get<TestClock>('clock').sleep('5s');
  }
}

/** Starts an application that is traced, on a test clock. */
export async function traced(options: PyncetteOpenTelemetryOptions = {}, launchOptions: LaunchOptions = {}) {
  const imports = [PyncetteOpenTelemetryModule.forRoot(options)];
  const launched = await launch([TracedTasks], { imports, ...launchOptions });
  launched.pyncette.addToContext('clock', launched.clock);
  return { ...launched, tasks: launched.app.get(TracedTasks), at: () => new Date(launched.clock.now()) };
}
