import { ProxyTracerProvider, SpanStatusCode } from '@opentelemetry/api';
import { PyncetteInstrumentation } from 'nestjs-pyncette';
import {
  PyncetteOpenTelemetryModule,
  type PyncetteOpenTelemetryOptions,
} from 'nestjs-pyncette/opentelemetry';
import { describe, expect, it } from 'vitest';
import { memoryRepository } from '../../lib/storage/memory.repository.js';
import { refusal } from '../e2e/launch.js';
import { SpiedRepository } from '../engine/spied-repository.js';
import { TracedTasks, traced } from './traced-application.js';
import { Spans, idOf, linksOf, within } from './tracing.js';

const spans = new Spans();

describe('Polls and calls of the store', () => {
  it('have spans by default where they claim, and where a span is active', async () => {
    const { pyncette, clock, at } = await traced();
    await clock.advance('5s');
    expect(spans.all).toEqual([]);
    await within('request', () => pyncette.scheduleTask('mail', 'a', { executeAt: at() }));
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
    const { message } = await refusal([TracedTasks], {}, [module]);
    expect(message).toContain("there is no option 'tick' (did you mean 'ticks'?)");
    expect(message).toContain("repositoryCalls is 'some'; it has to be one of 'nested', 'all', 'none'");
    expect(message).toContain('tracerProvider is an object; it has to be a TracerProvider');
  });
});
