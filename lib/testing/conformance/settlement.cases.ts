import assert from 'node:assert/strict';
import type { Settlement, TaskRepository } from '../../core/task-repository.js';
import type { TaskRow } from '../../core/task-row.js';
import type { CaseBody } from './repository-conformance.js';
import { LEASE_MS, type Store, ZERO, claimFrom, claimOne, every, key, proofOf, rowOf } from './store.js';

const ERROR = { name: 'Error', message: 'on purpose ü', at: ZERO + 1_000 };
const NEXT: Settlement = { kind: 'done', next: ZERO + 2_000, jitterMs: 0, error: null };

/** A row that has been claimed at its moment, ZERO + 1 s. */
async function claimedBill(store: Store): Promise<{ repository: TaskRepository; row: TaskRow }> {
  const repository = await store.open();
  await repository.register([every('bill', 1_000)]);
  await store.clock.advance(1_000);
  return { repository, row: await claimOne(repository) };
}

async function settled(store: Store, settlement: Settlement): Promise<TaskRow> {
  const { repository, row } = await claimedBill(store);
  assert.deepEqual(await repository.settle([{ ...proofOf(row), settlement }]), ['settled']);
  return rowOf(repository, 'bill');
}

export const settlementCases: Record<string, CaseBody> = {
  'settle: done goes on to the next occurrence': async (store) => {
    const row = await settled(store, { ...NEXT, jitterMs: 5 });
    assert.deepEqual(
      [
        row.scheduledAt,
        row.dueAt,
        row.attempt,
        row.leaseToken,
        row.lockedUntil,
        row.lockedBy,
        row.executionId,
      ],
      [ZERO + 2_000, ZERO + 2_005, 0, null, null, null, null],
    );
  },

  'settle: done without a next occurrence deletes': async (store) => {
    const { repository, row } = await claimedBill(store);
    const settlement: Settlement = { kind: 'done', next: null, jitterMs: 0, error: null };
    assert.deepEqual(await repository.settle([{ ...proofOf(row), settlement }]), ['settled']);
    assert.deepEqual(await repository.find([key('bill')]), [null]);
  },

  'settle: retry is free at once and due later': async (store) => {
    const row = await settled(store, { kind: 'retry', dueAt: ZERO + 9_000, error: ERROR });
    assert.deepEqual(
      [row.scheduledAt, row.dueAt, row.attempt, row.lockedUntil],
      [ZERO + 1_000, ZERO + 9_000, 1, null],
    );
    assert.deepEqual(row.lastError, ERROR);
  },

  'settle: keep stays locked, but by nobody': async (store) => {
    const row = await settled(store, { kind: 'keep', error: ERROR });
    assert.deepEqual(
      [row.leaseToken, row.lockedUntil, row.dueAt, row.attempt],
      [null, ZERO + 1_000 + LEASE_MS, ZERO + 1_000 + LEASE_MS, 1],
    );
  },

  'settle: park is not claimed again until it is resumed': async (store) => {
    const { repository, row } = await claimedBill(store);
    await repository.settle([{ ...proofOf(row), settlement: { kind: 'park', error: ERROR } }]);
    await store.clock.advance('1d');
    assert.deepEqual((await claimFrom(repository)).claimed, []);
    await repository.resume([{ ...key('bill'), from: 'schedule', place: () => null }]);
    assert.equal((await claimOne(repository)).attempt, 1);
  },

  'settle: back is as if it had not been claimed': async (store) => {
    const row = await settled(store, { kind: 'back' });
    assert.deepEqual(
      [row.attempt, row.lockedUntil, row.dueAt, row.executionId],
      [0, null, ZERO + 1_000, null],
    );
  },

  'settle: repeated, or without the lease, it changes nothing': async (store) => {
    const { repository, row } = await claimedBill(store);
    const request = { ...proofOf(row), settlement: NEXT };
    await store.clock.advance(LEASE_MS);
    const other = await claimOne(repository);
    assert.deepEqual(await repository.settle([request]), ['lost']);
    assert.deepEqual(await rowOf(repository, 'bill'), other);
    assert.deepEqual(await repository.settle([{ ...proofOf(other), settlement: NEXT }]), ['settled']);
    assert.deepEqual(await repository.settle([{ ...proofOf(other), settlement: NEXT }]), ['lost']);
    await repository.unregister([key('bill')]);
    assert.deepEqual(await repository.settle([{ ...proofOf(other), settlement: NEXT }]), ['gone']);
    assert.deepEqual(await repository.find([key('bill')]), [null]);
  },

  'settle: after a changed schedule only the lease ends': async (store) => {
    const { repository, row } = await claimedBill(store);
    await repository.register([every('bill', 7_000)]);
    assert.deepEqual(await repository.settle([{ ...proofOf(row), settlement: NEXT }]), ['superseded']);
    const after = await rowOf(repository, 'bill');
    assert.deepEqual(
      [after.scheduledAt, after.dueAt, after.leaseToken, after.attempt],
      [ZERO + 8_000, ZERO + 8_000, null, 0],
    );
  },

  'settle: many in one call, each by its own rule': async (store) => {
    const repository = await store.open();
    await repository.register(['a', 'b', 'c', 'd'].map((name) => every(name, 1_000)));
    await store.clock.advance(1_000);
    const { claimed } = await claimFrom(repository);
    const settlements: Record<string, Settlement> = {
      a: NEXT,
      b: { kind: 'keep', error: null },
      c: { kind: 'back' },
      d: { kind: 'park', error: ERROR },
    };
    await repository.unregister([key('c')]);
    const requests = claimed.map(({ row }) => ({
      ...proofOf(row),
      settlement: settlements[row.instance] ?? NEXT,
    }));
    const answers = await repository.settle(requests);
    assert.deepEqual(Object.fromEntries(requests.map(({ instance }, index) => [instance, answers[index]])), {
      a: 'settled',
      b: 'settled',
      c: 'gone',
      d: 'settled',
    });
    assert.equal((await rowOf(repository, 'd')).hold, 'parked');
  },

  'renew: extends the lease and moves the row out of the way of polls': async (store) => {
    const { repository, row } = await claimedBill(store);
    const until = ZERO + 100_000;
    assert.deepEqual(await repository.renew([{ ...proofOf(row), until }]), [{ kind: 'renewed', until }]);
    const renewed = await rowOf(repository, 'bill');
    assert.deepEqual([renewed.lockedUntil, renewed.dueAt, renewed.scheduledAt], [until, until, ZERO + 1_000]);
  },

  'renew: one that is late takes nothing back': async (store) => {
    const { repository, row } = await claimedBill(store);
    await repository.renew([{ ...proofOf(row), until: ZERO + 100_000 }]);
    assert.deepEqual(await repository.renew([{ ...proofOf(row), until: ZERO + 50_000 }]), [
      { kind: 'renewed', until: ZERO + 100_000 },
    ]);
  },

  'renew: leaves a paused row paused, and an updated one due when it was moved to': async (store) => {
    const { repository, row } = await claimedBill(store);
    await repository.register([every('bill', 7_000)]);
    await repository.renew([{ ...proofOf(row), until: ZERO + 90_000 }]);
    assert.equal((await rowOf(repository, 'bill')).dueAt, ZERO + 8_000);
    await repository.pause([key('bill')]);
    await repository.renew([{ ...proofOf(row), until: ZERO + 100_000 }]);
    assert.equal((await rowOf(repository, 'bill')).dueAt, null);
  },

  'renew: says when the lease is lost or the row gone': async (store) => {
    const { repository, row } = await claimedBill(store);
    const stale = {
      ...proofOf(row),
      leaseToken: 'ffffffff-ffff-4fff-8fff-ffffffffffff',
      until: ZERO + 100_000,
    };
    assert.deepEqual(await repository.renew([stale]), [{ kind: 'lost' }]);
    assert.deepEqual(await rowOf(repository, 'bill'), row);
    await repository.unregister([key('bill')]);
    assert.deepEqual(await repository.renew([{ ...proofOf(row), until: ZERO + 100_000 }]), [
      { kind: 'gone' },
    ]);
  },

  'reseat: writes down what runs instead, for its own lease only': async (store) => {
    const { repository, row } = await claimedBill(store);
    assert.deepEqual(await repository.reseat([{ ...proofOf(row), scheduledAt: ZERO + 900 }]), [true]);
    assert.deepEqual(
      [(await rowOf(repository, 'bill')).scheduledAt, (await rowOf(repository, 'bill')).dueAt],
      [ZERO + 900, row.dueAt],
    );
    assert.deepEqual(await repository.reseat([{ ...proofOf(row), attempt: 2, scheduledAt: ZERO }]), [false]);
    assert.equal((await rowOf(repository, 'bill')).scheduledAt, ZERO + 900);
  },
};
