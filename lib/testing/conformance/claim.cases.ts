import assert from 'node:assert/strict';
import type { ClaimResult, Settlement } from '../../core/task-repository.js';
import type { TaskRow } from '../../core/task-row.js';
import type { CaseBody } from './repository-conformance.js';
import { LEASE_MS, ZERO, claimFrom, claimOne, every, key, proofOf, rowOf } from './store.js';

const names = ({ claimed }: ClaimResult): string[] => claimed.map(({ row }) => row.instance);

export const claimCases: Record<string, CaseBody> = {
  'claim: nothing early, at its moment once, and again when the lease is over': async (store) => {
    const repository = await store.open();
    await repository.register([every('bill', 1_000)]);
    await store.clock.advance(999);
    assert.deepEqual(await claimFrom(repository), {
      claimed: [],
      nextDueAt: ZERO + 1_000,
      claimedAt: ZERO + 999,
    });
    await store.clock.advance(1);
    const first = await claimOne(repository);
    assert.deepEqual([first.attempt, first.lockedUntil], [1, ZERO + 1_000 + LEASE_MS]);
    assert.equal(first.executionId, first.leaseToken);
    assert.deepEqual((await claimFrom(repository)).nextDueAt, first.lockedUntil);
    await store.clock.advance(LEASE_MS);
    const second = await claimOne(repository);
    assert.deepEqual([second.attempt, second.executionId], [2, first.executionId]);
    assert.notEqual(second.leaseToken, first.leaseToken);
  },

  'claim: the row is stored as it was answered': async (store) => {
    const repository = await store.open();
    await repository.register([every('bill', 1_000)]);
    await store.clock.advance(1_000);
    assert.deepEqual(await claimOne(repository), await rowOf(repository, 'bill'));
  },

  'claim: oldest first, no more than the limits': async (store) => {
    const repository = await store.open();
    await repository.register(['c', 'a', 'd', 'b'].map((name, index) => every(name, 1_000 + index)));
    await store.clock.advance(5_000);
    const two = await claimFrom(repository, ['task'], 2);
    assert.deepEqual(names(two), ['c', 'a']);
    assert.ok(two.nextDueAt !== null && two.nextDueAt <= store.clock.now(), 'that more is due was not said');
    assert.deepEqual(names(await claimFrom(repository, [{ limit: 1 }])), ['d']);
    const none = await claimFrom(repository, ['task'], 0);
    assert.deepEqual([names(none), none.nextDueAt], [[], ZERO + 1_003]);
  },

  'claim: a crowd of one task does not keep another waiting': async (store) => {
    const repository = await store.open();
    await repository.register(
      Array.from({ length: 50 }, (_, index) => every(`i${index}`, 1_000, { task: 'crowd' })),
    );
    await repository.register([every('alone', 2_000, { task: 'other' })]);
    await store.clock.advance(5_000);
    const { claimed } = await claimFrom(repository, ['crowd', 'other'], 4);
    assert.equal(claimed.length, 4);
    assert.ok(claimed.some(({ row }) => row.task === 'other'));
  },

  'claim: only the tasks that are asked for': async (store) => {
    const repository = await store.open();
    await repository.register([every('mine', 1_000), every('unknown', 500, { task: 'unknown' })]);
    await store.clock.advance(5_000);
    const result = await claimFrom(repository);
    assert.deepEqual(names(result), ['mine']);
    assert.equal((await rowOf(repository, 'unknown', 'unknown')).attempt, 0);
  },

  'claim: nobody claims what another has claimed': async (store) => {
    const [one, two] = [await store.open(), await store.open()];
    await one.register(Array.from({ length: 100 }, (_, index) => every(`i${index}`, 1_000)));
    await store.clock.advance(1_000);
    const results = await Promise.all([one, two, one, two].map((handle) => claimFrom(handle, ['task'], 40)));
    while (results.flatMap(names).length < 100) results.push(await claimFrom(one));
    assert.equal(new Set(results.flatMap(names)).size, results.flatMap(names).length);
  },

  'claim: nobody claims what another has claimed and finished in the same moment': async (store) => {
    const handles = [await store.open(), await store.open(), await store.open()];
    const [one] = handles;
    assert.ok(one);
    const finish: Settlement = { kind: 'done', next: null, jitterMs: 0, error: null };
    for (let round = 0; round < 15; round++) {
      await one.register([every('a', 0), every('b', 0)]);
      const claims = handles.map(async (handle) => {
        const { claimed } = await claimFrom(handle);
        await handle.settle(claimed.map(({ row }) => ({ ...proofOf(row), settlement: finish })));
        return claimed.map(({ row }) => row.instance);
      });
      const taken = (await Promise.all(claims)).flat();
      while ((await one.find([key('a'), key('b')])).some((row) => row !== null)) {
        const { claimed } = await claimFrom(one);
        await one.settle(claimed.map(({ row }) => ({ ...proofOf(row), settlement: finish })));
        taken.push(...claimed.map(({ row }) => row.instance));
      }
      assert.deepEqual(taken.sort(), ['a', 'b'], `round ${round}`);
    }
  },

  'claim: at most once is settled with the claim, or held by its lease until it is': async (store) => {
    const repository = await store.open();
    await repository.register([every('bill', 1_000)]);
    await store.clock.advance(1_000);
    const next = ZERO + 2_000;
    const settleAtClaim = () => ({ kind: 'done' as const, next, jitterMs: 0, error: null });
    const { claimed } = await claimFrom(repository, [{ settleAtClaim }]);
    const [only] = claimed;
    assert.ok(only);
    assert.deepEqual([only.row.attempt, only.row.scheduledAt], [1, ZERO + 1_000]);
    const row = await rowOf(repository, 'bill');
    if (only.isSettled) assert.deepEqual([row.leaseToken, row.scheduledAt, row.attempt], [null, next, 0]);
    else assert.deepEqual([row.leaseToken, row.attempt], [only.row.leaseToken, 1]);
  },

  'claim: a row is taken once by a call, even if what it settles leaves it due': async (store) => {
    const repository = await store.open();
    await repository.register([every('bill', 1_000)]);
    await store.clock.advance(5_000);
    const settleAtClaim = (row: TaskRow) => {
      return { kind: 'done' as const, next: (row.scheduledAt ?? 0) + 1_000, jitterMs: 0, error: null };
    };
    const { claimed, nextDueAt } = await claimFrom(repository, [{ settleAtClaim }]);
    assert.equal(claimed.length, 1);
    const [first] = claimed;
    if (first?.isSettled) assert.equal(nextDueAt, ZERO + 2_000, 'that more is due was not said');
  },

  'claim: a static task and the instances of a template of its name are kept apart': async (store) => {
    const repository = await store.open();
    await repository.register([every('', 1_000), every('bill', 1_000)]);
    await store.clock.advance(1_000);
    assert.deepEqual(names(await claimFrom(repository, [{ isStatic: true }])), ['']);
    assert.deepEqual(names(await claimFrom(repository)), ['bill']);
  },

  'claim: partitions are claimed apart': async (store) => {
    const repository = await store.open();
    await repository.register(
      ['a', 'b', 'c'].map((name, index) => every(name, 1_000, { queue: `task#${index}/3` })),
    );
    await store.clock.advance(1_000);
    assert.deepEqual(names(await claimFrom(repository, [{ queues: ['task#0/3', 'task#2/3'] }])).sort(), [
      'a',
      'c',
    ]);
    assert.equal((await rowOf(repository, 'b')).attempt, 0);
  },

  'claim: nothing of a paused template, what is scheduled later included': async (store) => {
    const repository = await store.open();
    await repository.register([every('early', 1_000)]);
    await repository.setTemplatePaused('task', true);
    await repository.register([every('late', 1_000), every('x', 1_000, { task: 'other' })]);
    await store.clock.advance(1_000);
    assert.deepEqual(
      [await repository.isTemplatePaused('task'), await repository.isTemplatePaused('other')],
      [true, false],
    );
    const paused = await claimFrom(repository, ['task', 'other']);
    assert.deepEqual([names(paused), (await repository.find([key('late')]))[0]?.state], [['x'], 'paused']);
    await repository.setTemplatePaused('task', false);
    assert.deepEqual(names(await claimFrom(repository)).sort(), ['early', 'late']);
  },
};
