import assert from 'node:assert/strict';
import type { CaseBody } from './repository-conformance.js';
import { LEASE_MS, ZERO, claimFrom, claimOne, every, key, proofOf, rowOf } from './store.js';

const noPlace = () => null;

export const clientCases: Record<string, CaseBody> = {
  'pause: is not claimed; resumed it is': async (store) => {
    const repository = await store.open();
    await repository.register([every('bill', 1_000)]);
    const [paused, none] = await repository.pause([key('bill'), key('nobody')]);
    assert.deepEqual([paused?.hold, paused?.dueAt, none], ['paused', null, null]);
    await store.clock.advance(5_000);
    assert.deepEqual((await claimFrom(repository)).claimed, []);
    const [resumed] = await repository.resume([{ ...key('bill'), from: 'schedule', place: noPlace }]);
    assert.deepEqual(
      [resumed?.hold, resumed?.scheduledAt, resumed?.dueAt],
      [null, ZERO + 1_000, ZERO + 1_000],
    );
  },

  'resume: from now starts the schedule anew': async (store) => {
    const repository = await store.open();
    await repository.register([every('bill', 1_000)]);
    await repository.pause([key('bill')]);
    await store.clock.advance(5_000);
    const [row] = await repository.resume([
      { ...key('bill'), from: 'now', place: (_row, now) => now + 1_000 },
    ]);
    assert.deepEqual([row?.scheduledAt, row?.dueAt], [ZERO + 6_000, ZERO + 6_000]);
  },

  'resume: rows that nothing holds start from now when asked to': async (store) => {
    const repository = await store.open();
    await repository.register([every('bill', 1_000)]);
    await store.clock.advance(5_000);
    const request = {
      ...key('bill'),
      from: 'now' as const,
      place: (_row: unknown, now: number) => now + 1_000,
    };
    assert.equal((await repository.resume([request]))[0]?.scheduledAt, ZERO + 1_000);
    assert.equal((await repository.resume([{ ...request, evenIfFree: true }]))[0]?.scheduledAt, ZERO + 6_000);
  },

  'pause: what is executing finishes, and stays paused': async (store) => {
    const repository = await store.open();
    await repository.register([every('bill', 1_000)]);
    await store.clock.advance(1_000);
    const row = await claimOne(repository);
    await repository.pause([key('bill')]);
    const settlement = { kind: 'done' as const, next: ZERO + 2_000, jitterMs: 0, error: null };
    assert.deepEqual(await repository.settle([{ ...proofOf(row), settlement }]), ['settled']);
    const after = await rowOf(repository, 'bill');
    assert.deepEqual([after.hold, after.dueAt, after.scheduledAt], ['paused', null, ZERO + 2_000]);
  },

  'trigger: runs now, once, without moving the schedule; the last call decides': async (store) => {
    const repository = await store.open();
    await repository.register([every('bill', 10_000)]);
    await repository.trigger([{ ...key('bill'), args: '{"n":1}' }]);
    await store.clock.advance(1_000);
    await repository.trigger([{ ...key('bill'), args: '{"n":2}' }]);
    const row = await claimOne(repository);
    assert.deepEqual(
      [row.current, row.queued, row.scheduledAt],
      [{ at: ZERO + 1_000, args: '{"n":2}' }, null, ZERO + 10_000],
    );
    const settlement = { kind: 'done' as const, next: null, jitterMs: 0, error: null };
    await repository.settle([{ ...proofOf(row), settlement }]);
    const after = await rowOf(repository, 'bill');
    assert.deepEqual([after.current, after.scheduledAt, after.dueAt], [null, ZERO + 10_000, ZERO + 10_000]);
  },

  'trigger: waits for the execution in flight, but not for a lease that nobody holds': async (store) => {
    const repository = await store.open();
    await repository.register([every('bill', 1_000)]);
    await store.clock.advance(1_000);
    const row = await claimOne(repository);
    await repository.trigger([{ ...key('bill'), args: null }]);
    assert.deepEqual((await claimFrom(repository)).claimed, []);
    await repository.settle([{ ...proofOf(row), settlement: { kind: 'keep', error: null } }]);
    assert.deepEqual((await claimFrom(repository)).claimed, []);
    await repository.trigger([{ ...key('bill'), args: null }]);
    assert.equal((await claimOne(repository)).attempt, 2);
  },

  'trigger: a finished once-off stays until its trigger is served': async (store) => {
    const repository = await store.open();
    await repository.register([every('bill', 1_000)]);
    await store.clock.advance(1_000);
    const row = await claimOne(repository);
    await repository.trigger([{ ...key('bill'), args: null }]);
    const settlement = { kind: 'done' as const, next: null, jitterMs: 0, error: null };
    await repository.settle([{ ...proofOf(row), settlement }]);
    const triggered = await claimOne(repository);
    assert.deepEqual([triggered.scheduledAt, triggered.current?.at], [null, ZERO + 1_000]);
    await repository.settle([{ ...proofOf(triggered), settlement }]);
    assert.deepEqual(await repository.find([key('bill')]), [null]);
  },

  'state: scheduled, running, paused, parked': async (store) => {
    const repository = await store.open();
    const state = async () => (await repository.find([key('bill')]))[0]?.state;
    await repository.register([every('bill', 1_000)]);
    assert.equal(await state(), 'scheduled');
    await store.clock.advance(1_000);
    const row = await claimOne(repository);
    assert.equal(await state(), 'running');
    await store.clock.advance(LEASE_MS);
    assert.equal(await state(), 'scheduled');
    await repository.settle([{ ...proofOf(row), settlement: { kind: 'park', error: null } }]);
    assert.equal(await state(), 'parked');
    await repository.pause([key('bill')]);
    assert.equal(await state(), 'parked');
  },
};
