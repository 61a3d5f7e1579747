import assert from 'node:assert/strict';
import { ExecutionMode, FailureMode } from '../../core/task.js';
import type { Scheduler } from '../../engine/scheduler.js';
import { Journal, plan } from './journal.js';
import type { CaseBody } from './repository-conformance.js';
import { LEASE_MS, type Store, claimFrom, template } from './store.js';

const TASK = template('task');

/** Two applications that both poll. */
async function two(
  store: Store,
  ...how: Parameters<Journal['join']> extends [string, ...infer Rest] ? Rest : never
) {
  const journal = new Journal(store);
  const one = await journal.join('one', ...how);
  const other = await journal.join('other', ...how);
  return { journal, one, other, clock: store.clock };
}

/** From within the next claim on: the scheduler stops before what it claimed is started. */
function stopDuringClaim(scheduler: Scheduler): { readonly stopped: Promise<void> } {
  const { repository } = scheduler;
  const claim = repository.claimDue.bind(repository);
  const stopped = new Promise<void>((resolve, reject) => {
    repository.claimDue = async (request) => {
      repository.claimDue = claim;
      const result = await claim(request);
      scheduler.stop().then(resolve, reject);
      return result;
    };
  });
  return { stopped };
}

export const schedulerCases: Record<string, CaseBody> = {
  'schedulers: each instance runs once per occurrence, wherever': async (store) => {
    const { journal, one, clock } = await two(store);
    const names = Array.from({ length: 10 }, (_, index) => `i${index}`);
    for (const name of names) await plan(one, name, { interval: '2s' });
    await clock.advance('10s');
    const runs = journal.starts.map(({ instance, scheduledAt }) => `${instance} ${scheduledAt}`);
    const expected = names.flatMap((name) => [2, 4, 6, 8, 10].map((at) => `${name} ${at}`));
    assert.deepEqual(runs.sort(), expected.sort());
    assert.ok(
      journal.starts.every(({ at, scheduledAt }) => at === scheduledAt),
      'one was late',
    );
  },

  'schedulers: a static task runs once per occurrence, and keeps its grid over restarts': async (store) => {
    const task = { kind: 'static', schedule: { kind: 'interval', everyMs: 3_000 } } as const;
    const { journal, one, clock } = await two(store, task);
    await clock.advance('7s');
    await one.stop();
    await journal.join('third', task);
    await clock.advance('5s');
    assert.deepEqual(journal.occurrences, [3, 6, 9, 12]);
  },

  'schedulers: a static task follows a schedule that changed in code': async (store) => {
    const journal = new Journal(store);
    const before = await journal.join('before', {
      kind: 'static',
      schedule: { kind: 'interval', everyMs: 60_000 },
    });
    await before.stop();
    await store.clock.advance('1s');
    await journal.join('after', { kind: 'static', schedule: { kind: 'interval', everyMs: 2_000 } });
    await store.clock.advance('5s');
    assert.deepEqual(journal.moments, [3, 5]);
  },

  'schedulers: what a dead process had claimed is taken over when its lease is over, not before': async (
    store,
  ) => {
    const { journal, one, other, clock } = await two(store);
    await plan(one, 'bill', { executeIn: '1s' });
    await Promise.all([one.stop(), other.stop()]);
    await clock.advance('1s');
    assert.equal((await claimFrom(await store.open())).claimed.length, 1);
    await Promise.all([one.start(), other.start()]);
    await clock.advance(LEASE_MS - 1);
    assert.deepEqual(journal.moments, []);
    await clock.advance(1);
    assert.deepEqual(journal.moments, [1 + LEASE_MS / 1_000]);
    assert.deepEqual(
      journal.starts.map(({ execution }) => execution.attempt),
      [2],
    );
    await clock.advance(2 * LEASE_MS);
    assert.equal(journal.starts.length, 1);
  },

  'schedulers: a retry goes on in another process, as another attempt at the same execution': async (
    store,
  ) => {
    const { journal, one, other, clock } = await two(store, { failureMode: FailureMode.UNLOCK }, () => {
      if (journal.starts.length === 1) throw new Error('on purpose');
    });
    await plan(one, 'bill', { interval: '10s' });
    await clock.advance('10s');
    const [first] = journal.starts;
    await (first?.by === 'one' ? one : other).stop();
    await clock.advance('2s');
    const [, second] = journal.starts;
    assert.notEqual(second?.by, first?.by);
    assert.deepEqual([second?.execution.attempt, second?.scheduledAt], [2, 10]);
    assert.equal(second?.execution.executionId, first?.execution.executionId);
  },

  'schedulers: a heartbeat keeps an execution in one place for longer than its lease': async (store) => {
    const heartbeat = { leaseRemainingRatio: 0.5, abortOnLeaseLost: true };
    const { journal, one, clock } = await two(store, { leaseMs: 2_000, heartbeat }, () => clock.sleep('9s'));
    await plan(one, 'bill', { executeIn: '1s' });
    await clock.advance('20s');
    assert.deepEqual(journal.moments, [1]);
    assert.equal(await one.get(TASK, 'bill'), null);
  },

  'schedulers: without one it runs again when its lease is over, and what comes too late changes nothing':
    async (store) => {
      const { journal, one, clock } = await two(store, { leaseMs: 5_000 }, () =>
        clock.sleep(journal.starts.length === 1 ? 7_500 : 4_000),
      );
      await plan(one, 'bill', { interval: '30s' });
      await clock.advance('38s');
      const [first, second = 0, ...others] = journal.moments;
      assert.deepEqual([first, others], [30, []]);
      assert.ok(second >= 35 && second <= 36, `the second attempt began at ${second}`);
      assert.equal((await one.get(TASK, 'bill'))?.state, 'running');
      await clock.advance('3s');
      assert.equal((await one.get(TASK, 'bill'))?.state, 'scheduled');
      assert.equal(journal.starts.length, 2);
    },

  'schedulers: at most once, a dead process has lost its occurrence, and nobody repeats any': async (
    store,
  ) => {
    const task = { executionMode: ExecutionMode.AT_MOST_ONCE, failureMode: FailureMode.NONE };
    const { journal, one, clock } = await two(store, task, () => clock.sleep('3s'));
    await plan(one, 'bill', { interval: '2s' });
    await clock.advance('10s');
    assert.deepEqual(journal.occurrences, [2, 4, 6, 8, 10]);
    await clock.advance('1s');
    await one.unschedule(TASK, 'bill');
    await clock.advance('3s');
    assert.equal(journal.starts.length, 5);
  },

  'schedulers: stop() gives back what was not started, and another runs it at once': async (store) => {
    const journal = new Journal(store);
    const one = await journal.join('one');
    await plan(one, 'bill', { executeIn: '1s' });
    const { stopped } = stopDuringClaim(one);
    await store.clock.advance('1s');
    await stopped;
    assert.deepEqual(journal.moments, []);
    await journal.join('other');
    assert.deepEqual(
      journal.starts.map(({ by, at, execution }) => [by, at, execution.attempt]),
      [['other', 1, 1]],
    );
  },

  'schedulers: stop() waits for what executes, and settles it': async (store) => {
    const { journal, one, other, clock } = await two(store, {}, () => clock.sleep('5s'));
    await plan(one, 'bill', { executeIn: '1s' });
    await clock.advance('2s');
    const stopped = Promise.all([one.stop(), other.stop()]);
    await clock.advance('4s');
    await stopped;
    assert.equal(await one.get(TASK, 'bill'), null);
    assert.equal(journal.starts.length, 1);
  },

  'schedulers: a crowd of one task keeps no other waiting': async (store) => {
    const journal = new Journal(store);
    const slow = journal.runnable('slow', { name: 'task', concurrencyLimit: 2 }, () =>
      store.clock.sleep('30s'),
    );
    const quick = journal.runnable('quick', { name: 'quick' });
    const crowded = await store.scheduler([slow, quick], { concurrencyLimit: 3, batchSize: 5 });
    const crowd = Array.from({ length: 20 }, (_, index) => ({
      instanceName: `i${index}`,
      options: { executeIn: 1_000 },
    }));
    await crowded.schedule(TASK, crowd);
    await crowded.schedule(template('quick'), [{ instanceName: 'q', options: { interval: '1s' } }]);
    await crowded.start();
    await store.clock.advance('10s');
    const quicks = journal.starts.filter(({ by }) => by === 'quick').map(({ at }) => at);
    assert.deepEqual(quicks, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const stopped = crowded.stop();
    await store.clock.advance('30s');
    await stopped;
    assert.equal(journal.starts.filter(({ by }) => by === 'slow').length, 2);
  },
};
