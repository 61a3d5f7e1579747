import assert from 'node:assert/strict';
import type { RowFilter } from '../../core/row-requests.js';
import type { ListedRow, TaskRepository } from '../../core/task-repository.js';
import type { CaseBody } from './repository-conformance.js';
import { LEASE_MS, ZERO, claimFrom, every, key, proofOf } from './store.js';

const filter = (overrides: Partial<RowFilter> = {}): RowFilter => ({
  task: 'task',
  isStatic: false,
  state: null,
  queues: ['task'],
  ...overrides,
});

const namesOf = (listed: readonly ListedRow[]): string[] => listed.map(({ row }) => row.instance);

/** One of each state but `scheduled`, which are `a` and `b`; and rows of others. */
async function fill(
  repository: TaskRepository,
  clock: { advance(ms: number): Promise<void> },
): Promise<void> {
  await repository.register(['running', 'parked', 'paused'].map((name) => every(name, 1_000)));
  await repository.register([every('', 9_000, { task: 'static' }), every('a', 9_000, { task: 'other' })]);
  await clock.advance(1_000);
  const { claimed } = await claimFrom(repository);
  for (const { row } of claimed)
    if (row.instance === 'parked')
      await repository.settle([{ ...proofOf(row), settlement: { kind: 'park', error: null } }]);
    else if (row.instance === 'paused') {
      await repository.settle([{ ...proofOf(row), settlement: { kind: 'back' } }]);
      await repository.pause([key('paused')]);
    }
  await repository.register(['a', 'b'].map((name) => every(name, 9_000)));
}

/** Names in which a prefix has to be taken literally, and as it is spelt. */
const NAMES = ['a', 'a%', 'a%1', 'aa', 'A%2', 'a_', 'ä', 'a\u{10ffff}', 'b', '%', 'a\ud7ff', 'a\ue000'];

export const listingCases: Record<string, CaseBody> = {
  'lists: by the beginning of their names, as it is spelt': async (store) => {
    const repository = await store.open();
    await repository.register(NAMES.map((name) => every(name, 1_000)));
    for (const namePrefix of ['a', 'a%', 'A', 'ä', 'a_', '%', 'a\u{10ffff}', 'a\ud7ff', 'zz', '\u{10ffff}']) {
      const page = { ...filter({ namePrefix }), limit: 100, after: null };
      const expected = NAMES.filter((name) => name.startsWith(namePrefix)).sort();
      assert.deepEqual(namesOf(await repository.list(page)).sort(), expected, `beginning with ${namePrefix}`);
    }
  },

  'lists: pages go on within a beginning': async (store) => {
    const repository = await store.open();
    await repository.register(['a', 'b1', 'b2', 'b3', 'c'].map((name) => every(name, 1_000)));
    const page = { ...filter({ namePrefix: 'b' }), limit: 2 };
    const first = namesOf(await repository.list({ ...page, after: null }));
    const second = namesOf(await repository.list({ ...page, after: first.at(-1) ?? null }));
    assert.deepEqual([...first, ...second].sort(), ['b1', 'b2', 'b3']);
    assert.equal(first.length, 2);
  },
};

export const countCases: Record<string, CaseBody> = {
  'count: all, by state, by the beginning of the name': async (store) => {
    const repository = await store.open();
    await fill(repository, store.clock);
    const count = (overrides: Partial<RowFilter> = {}) => repository.count?.(filter(overrides));
    assert.equal(await count(), 5);
    assert.equal(await count({ state: 'scheduled' }), 2);
    for (const state of ['running', 'parked', 'paused'] as const)
      assert.equal(await count({ state }), 1, state);
    assert.equal(await count({ namePrefix: 'pa' }), 2);
    assert.equal(await count({ namePrefix: 'pa', state: 'parked' }), 1);
    assert.equal(await count({ task: 'static', isStatic: true, queues: ['static'] }), 1);
    assert.equal(await count({ task: 'nobody' }), 0);
  },

  'count: of a template that is paused as a whole': async (store) => {
    const repository = await store.open();
    await fill(repository, store.clock);
    await repository.setTemplatePaused('task', true);
    const count = (state: RowFilter['state']) => repository.count?.(filter({ state }));
    assert.deepEqual(
      [await count('paused'), await count('parked'), await count('running'), await count('scheduled')],
      [4, 1, 0, 0],
    );
  },
};

const wanted = (...tasks: string[]) =>
  tasks.map((task) => ({ task, isStatic: task === 'static', queues: [task] }));

export const upcomingCases: Record<string, CaseBody> = {
  'upcoming: overdue first, then as they become due, over several tasks': async (store) => {
    const repository = await store.open();
    await repository.register([
      every('late', 1_000),
      every('soon', 5_000),
      every('later', 9_000),
      every('', 7_000, { task: 'static' }),
      every('unasked', 2_000, { task: 'other' }),
    ]);
    await store.clock.advance(2_000);
    const found = (await repository.upcoming?.({ tasks: wanted('task', 'static'), limit: 10 })) ?? [];
    assert.deepEqual(namesOf(found), ['late', 'soon', '', 'later']);
    assert.deepEqual(
      found.map(({ row, state }) => [row.dueAt, state]),
      [1_000, 5_000, 7_000, 9_000].map((at) => [ZERO + at, 'scheduled']),
    );
    const two = (await repository.upcoming?.({ tasks: wanted('task', 'static'), limit: 2 })) ?? [];
    assert.deepEqual(namesOf(two), ['late', 'soon']);
  },

  'upcoming: leaves out what is executing or held; a lease that is over is overdue': async (store) => {
    const repository = await store.open();
    await fill(repository, store.clock);
    const upcoming = async () =>
      namesOf((await repository.upcoming?.({ tasks: wanted('task'), limit: 10 })) ?? []);
    assert.deepEqual((await upcoming()).sort(), ['a', 'b']);
    await store.clock.advance(LEASE_MS);
    assert.deepEqual((await upcoming()).sort(), ['a', 'b', 'running']);
    await repository.setTemplatePaused('task', true);
    assert.deepEqual(await upcoming(), []);
  },

  'upcoming: of all partitions of a template': async (store) => {
    const repository = await store.open();
    const queues = Array.from({ length: 120 }, (_, partition) => `task#${partition}/120`);
    await repository.register(
      queues.map((queue, index) => every(`i${index}`, 1_000 * (120 - index), { queue })),
    );
    const found = await repository.upcoming?.({
      tasks: [{ task: 'task', isStatic: false, queues }],
      limit: 3,
    });
    assert.deepEqual(namesOf(found ?? []), ['i119', 'i118', 'i117']);
  },
};
