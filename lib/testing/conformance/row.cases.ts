import assert from 'node:assert/strict';
import type { CaseBody } from './repository-conformance.js';
import { ZERO, claimOne, every, key, proofOf, rowOf } from './store.js';

/** Names that are different instances everywhere. */
const NAMES = [
  'bob',
  'bob ',
  ' bob',
  'Bob',
  'böb',
  'bo\u0308b',
  'b\tb',
  "b'b",
  'b"b',
  'b%b',
  'b_b',
  'b\\b',
  '💡',
  '💡'.repeat(255),
  'a:b',
  '0',
];

export const rowCases: Record<string, CaseBody> = {
  'rows: registering creates a row that waits for its place': async (store) => {
    const repository = await store.open();
    const [row] = await repository.register([every('bill', 5_000, { args: '{"a":"ü💡"}', jitterMs: 7 })]);
    assert.deepEqual(row, await rowOf(repository, 'bill'));
    assert.deepEqual(row, {
      ...key('bill'),
      queue: 'task',
      schedule: '{"v":1,"every":5000}',
      args: '{"a":"ü💡"}',
      jitterMs: 7,
      scheduledAt: ZERO + 5_000,
      dueAt: ZERO + 5_007,
      lockedUntil: null,
      leaseToken: null,
      lockedBy: null,
      attempt: 0,
      executionId: null,
      hold: null,
      queued: null,
      current: null,
      lastError: null,
      origin: null,
    });
  },

  'rows: remember which span scheduled them last, and which triggered them': async (store) => {
    const repository = await store.open();
    const origins = ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', null, 'the newest'];
    for (const origin of origins) {
      const [row] = await repository.register([every('bill', 5_000, { origin })]);
      assert.equal(row?.origin, origin);
    }
    const [row] = await repository.trigger([{ ...key('bill'), args: null, origin: origins[0] }]);
    assert.deepEqual(row?.queued, { at: ZERO, args: null, origin: origins[0] });
    const claimed = await claimOne(repository);
    assert.deepEqual([claimed.origin, claimed.current?.origin], ['the newest', origins[0]]);
    await repository.settle([
      { ...proofOf(claimed), settlement: { kind: 'done', next: null, jitterMs: 0, error: null } },
    ]);
    assert.equal((await rowOf(repository, 'bill')).origin, 'the newest');
  },

  'rows: an unchanged schedule keeps its place, its args are new': async (store) => {
    const repository = await store.open();
    await repository.register([every('bill', 5_000)]);
    await store.clock.advance(3_000);
    const [row] = await repository.register([every('bill', 5_000, { args: '{"new":1}' })]);
    assert.equal(row?.scheduledAt, ZERO + 5_000);
    assert.equal(row.args, '{"new":1}');
  },

  'rows: a changed schedule moves, and force resets everything': async (store) => {
    const repository = await store.open();
    await repository.register([every('bill', 5_000)]);
    await store.clock.advance(5_000);
    const claimed = await claimOne(repository);
    const [changed] = await repository.register([every('bill', 9_000)]);
    assert.deepEqual(
      [changed?.scheduledAt, changed?.attempt, changed?.leaseToken],
      [ZERO + 14_000, 0, claimed.leaseToken],
    );
    const [forced] = await repository.register([every('bill', 9_000, { force: true })]);
    assert.deepEqual([forced?.leaseToken, forced?.lockedUntil, forced?.lockedBy], [null, null, null]);
  },

  'rows: names are kept exactly (D9)': async (store) => {
    const repository = await store.open();
    await repository.register(NAMES.map((name, index) => every(name, 1_000 + index)));
    for (const [index, name] of NAMES.entries()) {
      const row = await rowOf(repository, name);
      assert.deepEqual([row.instance, row.scheduledAt], [name, ZERO + 1_000 + index]);
    }
    const listed = await repository.list({
      task: 'task',
      isStatic: false,
      limit: 100,
      after: null,
      state: null,
    });
    assert.deepEqual(new Set(listed.map(({ row }) => row.instance)), new Set(NAMES));
  },

  'rows: moments have millisecond precision, far from now too': async (store) => {
    const repository = await store.open();
    for (const [index, at] of [1, ZERO + 1, 4_102_444_800_123, 32_503_680_000_999].entries()) {
      const [row] = await repository.register([every(`at${index}`, 1, { place: () => at })]);
      assert.equal(row?.scheduledAt, at);
      assert.equal((await rowOf(repository, `at${index}`)).dueAt, at);
    }
  },

  'rows: a list of a thousand is written and answered in order': async (store) => {
    const repository = await store.open();
    const wanted = Array.from({ length: 1_000 }, (_, index) => every(`i${index}`, 1_000 + index));
    const rows = await repository.register(wanted);
    assert.deepEqual(
      rows.map(({ instance }) => instance),
      wanted.map(({ instance }) => instance),
    );
    const existed = await repository.unregister([
      ...wanted.map(({ instance }) => key(instance)),
      key('nobody'),
    ]);
    assert.deepEqual(existed, [...wanted.map(() => true), false]);
  },

  'rows: empty lists are answered with empty lists': async (store) => {
    const repository = await store.open();
    assert.deepEqual(await repository.register([]), []);
    assert.deepEqual(await repository.unregister([]), []);
    assert.deepEqual(await repository.settle([]), []);
    assert.deepEqual(await repository.find([]), []);
  },

  'rows: listed in pages, and by state': async (store) => {
    const repository = await store.open();
    await repository.register(['a', 'b', 'c', 'd', 'e'].map((name) => every(name, 1_000)));
    await repository.register([every('', 1_000, { task: 'static' }), every('a', 1_000, { task: 'other' })]);
    await repository.pause([key('b'), key('d')]);
    const seen: string[] = [];
    for (let after: string | null = null; ; after = seen.at(-1) ?? null) {
      const page = await repository.list({ task: 'task', isStatic: false, limit: 2, after, state: null });
      seen.push(...page.map(({ row }) => row.instance));
      if (page.length < 2) break;
    }
    assert.deepEqual([...seen].sort(), ['a', 'b', 'c', 'd', 'e']);
    const paused = await repository.list({
      task: 'task',
      isStatic: false,
      limit: 9,
      after: null,
      state: 'paused',
    });
    assert.deepEqual(paused.map(({ row }) => row.instance).sort(), ['b', 'd']);
    const statics = await repository.list({
      task: 'static',
      isStatic: true,
      limit: 9,
      after: null,
      state: null,
    });
    assert.deepEqual(
      statics.map(({ row }) => row.instance),
      [''],
    );
  },

  'rows: all handles on one store see the same': async (store) => {
    const [one, two] = [await store.open(), await store.open()];
    await one.register([every('bill', 1_000)]);
    assert.deepEqual(await rowOf(two, 'bill'), await rowOf(one, 'bill'));
    assert.deepEqual(await two.unregister([key('bill')]), [true]);
    assert.deepEqual(await one.find([key('bill')]), [null]);
  },

  'rows: requeued rows are claimed from where they are now': async (store) => {
    const repository = await store.open();
    await repository.register([
      every('a', 1_000, { queue: 'task#0/2' }),
      every('b', 1_000, { queue: 'task#1/2' }),
    ]);
    assert.equal(await repository.requeue('task', { queues: ['task#0/1'], queueOf: () => 'task#0/1' }), 2);
    assert.equal(await repository.requeue('task', { queues: ['task#0/1'], queueOf: () => 'task#0/1' }), 0);
    assert.equal((await rowOf(repository, 'b')).queue, 'task#0/1');
  },
};
