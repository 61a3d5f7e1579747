import { Injectable } from '@nestjs/common';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { Task } from 'nestjs-pyncette';
import { PyncetteOpenTelemetryModule } from 'nestjs-pyncette/opentelemetry';
import { TestClock } from 'nestjs-pyncette/testing';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DATABASES, createDatabase, isAvailable } from '../databases/databases.js';
import { launch } from '../e2e/launch.js';
import { traced } from './traced-application.js';
import { Spans, idOf, linksOf, within } from './tracing.js';

const spans = new Spans();

@Injectable()
class Every {
  @Task({ interval: '10s' })
  async tick(): Promise<void> {}
}

describe('A traced execution', () => {
  it('has a span of its own trace, linked to the call that scheduled it', async () => {
    const { pyncette, clock, of, at } = await traced();
    await within('request', () => pyncette.scheduleTask('mail', 'bill', { executeAt: at() }));
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
