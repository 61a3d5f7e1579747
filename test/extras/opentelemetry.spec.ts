import { Injectable } from '@nestjs/common';
import { ProxyTracerProvider, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { DynamicTask, PyncetteInstrumentation, Task, type TaskContext } from 'nestjs-pyncette';
import {
  PyncetteOpenTelemetryModule,
  type PyncetteOpenTelemetryOptions,
} from 'nestjs-pyncette/opentelemetry';
import { TestClock } from 'nestjs-pyncette/testing';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { memoryRepository } from '../../lib/storage/memory.repository.js';
import { DATABASES, createDatabase, isAvailable } from '../databases/databases.js';
import { type LaunchOptions, launch, refusal } from '../e2e/launch.js';
import { SpiedRepository } from '../engine/spied-repository.js';
import { Spans, idOf, linksOf } from './tracing.js';

const spans = new Spans();

@Injectable()
class Tasks {
  /** The spans that were active in handlers. */
  readonly active: (string | undefined)[] = [];

  @DynamicTask()
  async mail(context: TaskContext<{ fail?: boolean; next?: string }>): Promise<void> {
    this.active.push(trace.getActiveSpan()?.spanContext().spanId);
    await spans.within('send', async () => context.get<TestClock>('clock').sleep(10));
    this.active.push(trace.getActiveSpan()?.spanContext().spanId);
    if (context.args.fail) throw new TypeError('no address');
    if (context.args.next) await context.app.scheduleTask('mail', context.args.next, { interval: '1h' });
  }

  @DynamicTask({ timeout: '1s', retry: { maxAttempts: 1, delay: '1s' } })
  async slow(context: TaskContext): Promise<void> {
    await context.get<TestClock>('clock').sleep('5s');
  }
}

@Injectable()
class Every {
  @Task({ interval: '10s' })
  async tick(): Promise<void> {}
}

async function traced(options: PyncetteOpenTelemetryOptions = {}, launchOptions: LaunchOptions = {}) {
  const imports = [PyncetteOpenTelemetryModule.forRoot(options)];
  const launched = await launch([Tasks], { imports, ...launchOptions });
  launched.pyncette.addToContext('clock', launched.clock);
  return { ...launched, tasks: launched.app.get(Tasks), at: () => new Date(launched.clock.now()) };
}

describe('A traced execution', () => {
  it('has a span of its own trace, linked to the call that scheduled it', async () => {
    const { pyncette, clock, of, at } = await traced();
    await spans.within('request', () => pyncette.scheduleTask('mail', 'bill', { executeAt: at() }));
    await clock.advance('1s');
    const [request, schedule, execution] = ['request', 'schedule mail', 'process mail'].map((name) =>
      spans.only(name),
    );
    if (!request || !schedule || !execution) throw new Error('a span is missing');
    expect(schedule.parentSpanContext?.spanId).toBe(idOf(request));
    expect([schedule.kind, execution.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
    expect(linksOf(execution)).toEqual([idOf(schedule)]);
    expect(execution.parentSpanContext).toBeUndefined();
    expect(execution.spanContext().traceId).not.toBe(request.spanContext().traceId);
    expect(schedule.attributes).toEqual({
      'messaging.system': 'pyncette',
      'messaging.operation.name': 'schedule',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'mail',
      'messaging.pyncette.instance': 'bill',
    });
    expect(execution.attributes).toEqual({
      'messaging.system': 'pyncette',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'mail',
      'messaging.message.id': of('task:started')[0]?.executionId,
      'messaging.pyncette.instance': 'bill',
      'messaging.pyncette.attempt': 1,
      'messaging.pyncette.missed': 0,
      'messaging.pyncette.scheduled_at': '2026-01-01T00:00:00.000Z',
      'messaging.pyncette.triggered': false,
      'messaging.pyncette.outcome': 'succeeded',
    });
  });

  it('is active in its handler, whose spans and calls are its children', async () => {
    const { pyncette, clock, tasks, at } = await traced();
    await pyncette.scheduleTask('mail', 'a', { executeAt: at(), args: { next: 'b' } });
    await clock.advance('1s');
    const execution = spans.only('process mail');
    expect(tasks.active).toEqual([idOf(execution), idOf(execution)]);
    expect(spans.only('send').parentSpanContext?.spanId).toBe(idOf(execution));
    const second = spans.named('schedule mail').at(-1);
    expect(second?.attributes['messaging.pyncette.instance']).toBe('b');
    expect(second?.parentSpanContext?.spanId).toBe(idOf(execution));
  });

  it('records its error, each attempt in a span linked to the same call', async () => {
    const { pyncette, clock, at } = await traced();
    await pyncette.scheduleTask('mail', 'a', { executeAt: at(), args: { fail: true } });
    await clock.advance('61s');
    const attempts = spans.named('process mail');
    expect(attempts.map(({ attributes }) => attributes['messaging.pyncette.attempt'])).toEqual([1, 2]);
    const schedule = idOf(spans.only('schedule mail'));
    for (const span of attempts) {
      expect(linksOf(span)).toEqual([schedule]);
      expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'no address' });
      expect(span.attributes['error.type']).toBe('TypeError');
      expect(span.events[0]?.attributes?.['exception.message']).toBe('no address');
    }
  });

  it('ends with its timeout, though its handler goes on', async () => {
    const { pyncette, clock, at } = await traced();
    await pyncette.scheduleTask('slow', 'a', { executeAt: at() });
    await clock.advance('2s');
    const span = spans.only('process slow');
    expect(span.attributes['error.type']).toBe('TaskTimeoutException');
    expect(span.attributes['messaging.pyncette.outcome']).toBe('failed');
  });

  it('is linked to the newest call: an unchanged schedule, a trigger for the run it asked for', async () => {
    const { pyncette, clock } = await traced();
    const every = { interval: '10s' };
    await pyncette.scheduleTask('mail', 'a', every);
    await pyncette.scheduleTask('mail', 'a', every);
    await pyncette.triggerTask('mail', 'a');
    await clock.advance('11s');
    const [, newest] = spans.named('schedule mail').map(idOf);
    const trigger = idOf(spans.only('trigger mail'));
    const executions = spans.named('process mail');
    expect(executions.map(linksOf)).toEqual([[trigger], [newest]]);
    expect(executions[0]?.attributes['messaging.pyncette.triggered']).toBe(true);
  });

  it('that a batch scheduled is linked to the one span of the batch', async () => {
    const { pyncette, clock, at } = await traced();
    const names = ['a', 'b', 'c'];
    await pyncette.scheduleTasks(
      'mail',
      names.map((instanceName) => ({ instanceName, executeAt: at() })),
    );
    await clock.advance('1s');
    const schedule = spans.only('schedule mail');
    expect(schedule.attributes['messaging.batch.message_count']).toBe(3);
    expect(spans.named('process mail').map(linksOf)).toEqual(names.map(() => [idOf(schedule)]));
  });

  it('of a static task has no link', async () => {
    const imports = [PyncetteOpenTelemetryModule.forRoot()];
    const { clock } = await launch([Every], { imports });
    await clock.advance('11s');
    expect(linksOf(spans.only('process tick'))).toEqual([]);
    expect(spans.only('process tick').attributes['messaging.pyncette.instance']).toBeUndefined();
  });
});

describe.each(DATABASES)('The link across processes on %s', (name) => {
  it.skipIf(!isAvailable(name))('leads to the process that scheduled', async () => {
    const database = await createDatabase(name);
    onTestFinished(() => database.drop());
    const clock = new TestClock();
    const options = () => ({ repository: typeOrmRepository(database.options), clock });
    const client = await traced({}, { ...options(), autoStart: false });
    const worker = await traced({}, { ...options(), autoStart: false });
    await client.pyncette.scheduleTask('mail', 'a', { interval: '10s' });
    await client.pyncette.triggerTask('mail', 'a');
    await worker.pyncette.start();
    await clock.advance('11s');
    const asked = ['trigger mail', 'schedule mail'].map((call) => [idOf(spans.only(call))]);
    expect(spans.named('process mail').map(linksOf)).toEqual(asked);
    expect(client.tasks.active).toEqual([]);
  });
});

describe('Polls and calls of the store', () => {
  it('have spans by default where they claim, and where a span is active', async () => {
    const { pyncette, clock, at } = await traced();
    await clock.advance('5s');
    expect(spans.all).toEqual([]);
    await spans.within('request', () => pyncette.scheduleTask('mail', 'a', { executeAt: at() }));
    await clock.advance('5s');
    expect(spans.only('tick').attributes['messaging.batch.message_count']).toBe(1);
    const calls = spans.all.filter((span) => span.name.startsWith('repository '));
    expect(calls.map((span) => span.name)).toEqual(['repository schedule']);
    expect(calls[0]?.parentSpanContext?.spanId).toBe(idOf(spans.only('schedule mail')));
    expect(calls[0]?.attributes['messaging.pyncette.result']).toBe('succeeded');
  });

  it('have all or none when asked to, failed ones with their error', async () => {
    const spied = new SpiedRepository();
    const all: PyncetteOpenTelemetryOptions = { ticks: 'all', repositoryCalls: 'all' };
    const { clock } = await traced(all, { repository: spied.repository });
    await clock.advance('1s');
    expect(spans.named('tick')[0]?.attributes['messaging.batch.message_count']).toBe(0);
    expect(spans.named('repository claim')[0]?.attributes['messaging.operation.type']).toBe('receive');
    spied.failing = 'all';
    await clock.advance('1s');
    const failed = (name: string) =>
      spans.named(name).filter(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(failed('tick')[0]?.attributes['error.type']).toBe('RepositoryException');
    expect(failed('repository claim')[0]?.attributes['messaging.pyncette.result']).toBe('failed');
  });

  it('have none when asked to', async () => {
    const { pyncette, clock, at } = await traced({ ticks: 'none', repositoryCalls: 'none' });
    await pyncette.scheduleTask('mail', 'a', { executeAt: at() });
    await clock.advance('1s');
    expect(spans.all.map((span) => span.name).sort()).toEqual(['process mail', 'schedule mail', 'send']);
  });
});

describe('PyncetteOpenTelemetryModule', () => {
  it('without an SDK disturbs nothing, and rows remember nothing', async () => {
    const repository = memoryRepository();
    const { pyncette, clock, tasks } = await traced(
      { tracerProvider: new ProxyTracerProvider().getDelegate() },
      { repository },
    );
    await pyncette.scheduleTask('mail', 'a', { interval: '10s' });
    await clock.advance('11s');
    expect(tasks.active).toHaveLength(2);
    const [found] = await repository.find([{ task: 'mail', instance: 'a' }]);
    expect(found?.row.origin).toBeNull();
  });

  it('lets go of a row whose origin is no traceparent', async () => {
    const repository = memoryRepository();
    const { pyncette, clock, app, at } = await traced({}, { repository, autoStart: false });
    const { observe } = app.get(PyncetteInstrumentation);
    expect(() => observe.call(app.get(PyncetteInstrumentation), {})).toThrow(/observer already/);
    await pyncette.scheduleTask('mail', 'a', { executeAt: at() });
    const row = (origin: string) => ({
      task: 'mail',
      instance: 'a',
      queue: 'mail',
      schedule: `{"v":1,"at":${clock.now()}}`,
      args: '{}',
      jitterMs: 0,
      force: true,
      origin,
      place: () => clock.now(),
    });
    await repository.register([row('00-00000000000000000000000000000000-b7ad6b7169203331-01')]);
    await pyncette.start();
    await clock.advance('1s');
    expect(linksOf(spans.only('process mail'))).toEqual([]);
  });

  it('leaves nothing behind when the application has closed', async () => {
    const { app, clock } = await traced();
    const instrumentation = app.get(PyncetteInstrumentation);
    const closing = app.close();
    await clock.advance('1s');
    await closing;
    const stop = instrumentation.observe({});
    stop();
  });

  it('refuses options that there are none of', async () => {
    const options = { tick: 'all', repositoryCalls: 'some', tracerProvider: {} };
    const module = PyncetteOpenTelemetryModule.forRoot(Object(options));
    const { message } = await refusal([Tasks], {}, [module]);
    expect(message).toContain("there is no option 'tick' (did you mean 'ticks'?)");
    expect(message).toContain("repositoryCalls is 'some'; it has to be one of 'nested', 'all', 'none'");
    expect(message).toContain('tracerProvider is an object; it has to be a TracerProvider');
  });
});
