import assert from 'node:assert/strict';
import type { ExecutionEntry, ExecutionPlace } from '../../core/execution-history.js';
import type { TaskRepository } from '../../core/task-repository.js';
import type { CaseBody } from './repository-conformance.js';
import { ZERO, claimOne, every, key, proofOf } from './store.js';

const entry = (number: number, overrides: Partial<ExecutionEntry> = {}): ExecutionEntry => ({
  ...key('bill'),
  executionId: `execution ${String(number).padStart(5, '0')}`,
  attempt: 1,
  scheduledAt: ZERO + number,
  startedAt: ZERO + number + 1,
  finishedAt: ZERO + number + 2,
  outcome: 'succeeded',
  error: null,
  process: 'here:1:abc',
  ...overrides,
});

async function listed(
  repository: TaskRepository,
  instance: string | null = 'bill',
  limit = 100,
  before: ExecutionPlace | null = null,
  task = 'task',
): Promise<readonly ExecutionEntry[]> {
  return (await repository.history?.list({ task, instance, limit, before })) ?? [];
}

const done = { kind: 'done' as const, next: ZERO + 9_000, jitterMs: 0, error: null };

export const historyCases: Record<string, CaseBody> = {
  'history: what is written down is found as it was': async (store) => {
    const repository = await store.open({ keepsHistory: true });
    const failed = entry(2, {
      attempt: 3,
      outcome: 'failed',
      error: { name: 'Übel💡', message: `it's "bad"\n\\ ${'ü'.repeat(2_000)}` },
    });
    await repository.history?.record([entry(1), failed]);
    await repository.history?.record([]);
    assert.deepEqual(await listed(repository), [failed, entry(1)]);
  },

  'history: of one instance, of a template, of a static task': async (store) => {
    const repository = await store.open({ keepsHistory: true });
    const entries = [
      entry(1),
      entry(2, { instance: 'Bill' }),
      entry(3, { instance: 'bill ' }),
      entry(4, { task: 'static', instance: '' }),
      entry(5, { task: 'other' }),
    ];
    await repository.history?.record(entries);
    assert.deepEqual(await listed(repository), [entries[0]]);
    assert.deepEqual(await listed(repository, null), [entries[2], entries[1], entries[0]]);
    assert.deepEqual(await listed(repository, '', 9, null, 'static'), [entries[3]]);
    assert.deepEqual(await listed(repository, 'nobody'), []);
  },

  'history: in pages, newest first, none left out where many ended at once': async (store) => {
    const repository = await store.open({ keepsHistory: true });
    const entries = Array.from({ length: 25 }, (_, number) =>
      entry(number, { finishedAt: ZERO + Math.floor(number / 10), attempt: 1 + (number % 2) }),
    );
    await repository.history?.record([...entries].reverse());
    for (const instance of ['bill', null]) {
      const seen: ExecutionEntry[] = [];
      for (let page = await listed(repository, instance, 4); page.length > 0;) {
        seen.push(...page);
        page = await listed(repository, instance, 4, seen.at(-1) ?? null);
      }
      assert.deepEqual(seen, [...entries].reverse());
    }
  },

  'history: comes with the settlement, whatever the answer, and only once': async (store) => {
    const repository = await store.open({ keepsHistory: true });
    await repository.register([every('bill', 1_000)]);
    await store.clock.advance(1_000);
    const proof = proofOf(await claimOne(repository));
    const request = { ...proof, settlement: done, execution: entry(1) };
    assert.deepEqual(await repository.settle([request]), ['settled']);
    assert.deepEqual(await repository.settle([request]), ['lost']);
    const others = [
      { ...proof, settlement: done, execution: entry(2) },
      { ...proof, instance: 'nobody', settlement: done, execution: entry(3, { instance: 'nobody' }) },
      { ...proof, instance: 'none', settlement: done },
    ];
    assert.deepEqual(await repository.settle(others), ['lost', 'gone', 'gone']);
    await repository.history?.record([entry(2)]);
    assert.deepEqual(await listed(repository), [entry(2), entry(1)]);
    assert.deepEqual(await listed(repository, 'nobody'), [entry(3, { instance: 'nobody' })]);
  },

  'history: outlives the instance': async (store) => {
    const repository = await store.open({ keepsHistory: true });
    await repository.register([every('bill', 1_000)]);
    await repository.history?.record([entry(1)]);
    assert.deepEqual(await repository.unregister([key('bill')]), [true]);
    assert.equal((await listed(repository)).length, 1);
  },

  'history: is pruned in steps, the newer ones stay': async (store) => {
    const repository = await store.open({ keepsHistory: true });
    const old = Array.from({ length: 30 }, (_, number) =>
      entry(number, { task: `task${number % 3}`, instance: number % 2 === 0 ? '' : 'bill' }),
    );
    const recent = entry(1, { executionId: 'recent', finishedAt: ZERO + 10_000, task: 'task0' });
    await repository.history?.record([recent, ...old]);
    const steps: number[] = [];
    for (let step = -1; step !== 0; steps.push(step))
      step = (await repository.history?.prune(ZERO + 10_000, 7)) ?? 0;
    assert.equal(
      steps.reduce((sum, step) => sum + step, 0),
      30,
    );
    assert.ok(steps.every((step) => step <= 7) && steps.length > 4, `in steps of ${steps.join(', ')}`);
    for (const instance of ['bill', null])
      assert.deepEqual(await listed(repository, instance, 9, null, 'task0'), [recent]);
    assert.deepEqual(await listed(repository, null, 9, null, 'task1'), []);
  },

  'history: a thousand are written down at once, by several handles': async (store) => {
    const [one, two] = [await store.open({ keepsHistory: true }), await store.open({ keepsHistory: true })];
    const entries = Array.from({ length: 1_000 }, (_, number) => entry(number));
    await Promise.all([one.history?.record(entries), two.history?.record(entries)]);
    assert.equal((await listed(two, null, 2_000)).length, 1_000);
  },
};
