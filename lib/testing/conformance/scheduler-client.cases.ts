import assert from 'node:assert/strict';
import { FailureMode } from '../../core/task.js';
import { Journal, plan } from './journal.js';
import type { CaseBody } from './repository-conformance.js';
import { type Store, template } from './store.js';

const TASK = template('task');

/** An application that executes, and one that only asks: it does not poll. */
async function withClient(
  store: Store,
  ...how: Parameters<Journal['join']> extends [string, ...infer Rest] ? Rest : never
) {
  const journal = new Journal(store);
  const worker = await journal.join('worker', ...how);
  const client = await store.scheduler([journal.runnable('client', how[0] ?? {})]);
  return { journal, worker, client, clock: store.clock };
}

const fails = (): never => {
  throw new Error('on purpose');
};

export const schedulerClientCases: Record<string, CaseBody> = {
  'clients: what another process schedules runs within a poll interval': async (store) => {
    const { journal, client, clock } = await withClient(store);
    await clock.advance('500ms');
    await plan(client, 'bill', { executeAt: new Date(clock.now() - 1_000), args: { n: 1 } });
    await clock.advance('1s');
    assert.equal(journal.starts.length, 1);
    assert.ok((journal.moments[0] ?? 0) <= 1.5);
    assert.deepEqual(journal.starts[0]?.execution.args, { n: 1 });
  },

  'clients: unscheduled while it executes, an instance does not come back': async (store) => {
    const { journal, client, clock } = await withClient(store, {}, () => clock.sleep('3s'));
    await plan(client, 'bill', { interval: '1s' });
    await clock.advance('2s');
    assert.equal(await client.unschedule(TASK, 'bill'), true);
    await clock.advance('10s');
    assert.equal(journal.starts.length, 1);
    assert.equal(await client.get(TASK, 'bill'), null);
    assert.equal(await client.unschedule(TASK, 'bill'), false);
  },

  'clients: rescheduled while it executes, an instance moves when that ends': async (store) => {
    const { journal, client, clock } = await withClient(store, {}, () => clock.sleep('3s'));
    await plan(client, 'late', { interval: '2s' });
    await plan(client, 'soon', { interval: '2s' });
    await clock.advance('3s');
    await plan(client, 'late', { interval: '20s' });
    await plan(client, 'soon', { interval: '1s' });
    assert.equal((await client.get(TASK, 'soon'))?.state, 'running');
    await clock.advance('20s');
    const of = (name: string) => journal.starts.filter(({ instance }) => instance === name);
    assert.deepEqual(
      of('late').map(({ scheduledAt }) => scheduledAt),
      [2, 23],
    );
    assert.deepEqual([of('soon')[1]?.at, of('soon')[1]?.scheduledAt], [5, 4]);
    await client.unschedule(TASK, 'late');
    await client.unschedule(TASK, 'soon');
    await clock.advance('3s');
  },

  'clients: one whose schedule changed while it executed is not retried': async (store) => {
    const { journal, client, clock } = await withClient(
      store,
      { failureMode: FailureMode.UNLOCK },
      async () => {
        await clock.sleep('2s');
        fails();
      },
    );
    await plan(client, 'bill', { executeIn: '1s' });
    await clock.advance('2s');
    await plan(client, 'bill', { executeIn: '10s' });
    await clock.advance('9s');
    assert.deepEqual(journal.occurrences, [1]);
    await clock.advance('1s');
    assert.deepEqual(journal.occurrences, [1, 12]);
    await client.unschedule(TASK, 'bill');
    await clock.advance('2s');
  },

  'clients: new args reach the retries, and move nothing': async (store) => {
    const { journal, client, clock } = await withClient(store, { failureMode: FailureMode.UNLOCK }, fails);
    await plan(client, 'bill', { interval: '10s', args: { n: 1 } });
    await clock.advance('10s');
    await plan(client, 'bill', { interval: '10s', args: { n: 2 } });
    await clock.advance('1s');
    assert.deepEqual(journal.occurrences, [10, 10]);
    assert.deepEqual(
      journal.starts.map(({ execution }) => execution.args),
      [{ n: 1 }, { n: 2 }],
    );
  },

  'clients: an unchanged schedule, repeated for ever, postpones nothing': async (store) => {
    const { journal, client, clock } = await withClient(store);
    for (let second = 0; second < 11; second++) {
      await plan(client, 'bill', { interval: '5s' });
      await clock.advance('1s');
    }
    assert.deepEqual(journal.moments, [5, 10]);
  },

  'clients: a trigger from elsewhere runs once within a poll interval, and moves nothing': async (store) => {
    const { journal, client, clock } = await withClient(store);
    await plan(client, 'bill', { interval: '10s', args: { a: 1, b: 1 } });
    await clock.advance('3500ms');
    await client.trigger(TASK, 'bill', { b: 2 });
    await clock.advance('16500ms');
    assert.deepEqual(journal.occurrences, [3.5, 10, 20]);
    assert.ok((journal.moments[0] ?? 0) <= 4.5);
    assert.deepEqual(
      journal.starts.map(({ execution }) => execution.args),
      [
        { a: 1, b: 2 },
        { a: 1, b: 1 },
        { a: 1, b: 1 },
      ],
    );
  },

  'clients: a trigger waits for the execution in flight; several are one': async (store) => {
    const { journal, client, clock } = await withClient(store, {}, () => clock.sleep('3s'));
    await plan(client, 'bill', { executeIn: '1s' });
    await clock.advance('2s');
    await client.trigger(TASK, 'bill', { n: 1 });
    await client.trigger(TASK, 'bill', { n: 2 });
    await clock.advance('10s');
    assert.deepEqual(journal.moments, [1, 4]);
    assert.deepEqual(journal.starts[1]?.execution.args, { n: 2 });
    assert.equal(await client.get(TASK, 'bill'), null);
  },

  'clients: a paused template rests everywhere, and its missed occurrences follow the policy': async (
    store,
  ) => {
    const { journal, client, clock } = await withClient(store);
    await plan(client, 'early', { interval: '2s' });
    await client.pause(TASK, null);
    await plan(client, 'late', { interval: '3s' });
    await clock.advance('10500ms');
    assert.deepEqual(journal.moments, []);
    assert.equal((await client.get(TASK, 'late'))?.state, 'paused');
    await client.resume(TASK, null, 'schedule');
    await clock.advance('1s');
    assert.deepEqual(new Set(journal.occurrences), new Set([2, 3]));
    await clock.advance('500ms');
    assert.deepEqual(journal.occurrences.slice(2), [12, 12]);
  },

  'clients: a paused template that is resumed from now has missed nothing': async (store) => {
    const { journal, client, clock } = await withClient(store);
    await plan(client, 'bill', { interval: '2s' });
    await client.pause(TASK, null);
    await clock.advance('9s');
    await client.resume(TASK, null, 'now');
    await clock.advance('4s');
    assert.deepEqual(journal.occurrences, [11, 13]);
  },

  'clients: parked by its failures, resumed by another process with new attempts': async (store) => {
    const retry = {
      maxAttempts: 2,
      delayMs: 1_000,
      backoff: 'fixed',
      maxDelayMs: null,
      jitter: 0,
      exhausted: 'park',
    } as const;
    const { journal, client, clock } = await withClient(store, { retry }, () =>
      journal.starts.length < 3 ? fails() : null,
    );
    await plan(client, 'bill', { executeIn: '1s' });
    await clock.advance('10s');
    const parked = await client.get(TASK, 'bill');
    assert.deepEqual([parked?.state, parked?.lastError?.message], ['parked', 'on purpose']);
    assert.deepEqual(journal.moments, [1, 2]);
    await client.resume(TASK, 'bill', 'schedule');
    await clock.advance('1s');
    assert.deepEqual(
      journal.starts.map(({ execution }) => execution.attempt),
      [1, 2, 1],
    );
    assert.equal(await client.get(TASK, 'bill'), null);
  },
};
