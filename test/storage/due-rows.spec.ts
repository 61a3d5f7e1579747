import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskRow } from '../../lib/core/task-row.js';
import { claim, isClaimable } from '../../lib/core/task-transitions.js';
import type { AskedQueue } from '../../lib/storage/typeorm/claim-shares.js';
import { MysqlDueRows } from '../../lib/storage/typeorm/due-rows-mysql.js';
import { PostgresDueRows } from '../../lib/storage/typeorm/due-rows-postgres.js';
import { SqliteDueRows } from '../../lib/storage/typeorm/due-rows-sqlite.js';
import type { DueAnswer, DueRows } from '../../lib/storage/typeorm/due-rows.js';
import { Random } from '../../lib/testing/conformance/random.js';
import { writeInPlace } from '../../lib/storage/typeorm/write-in-place-postgres.js';
import { isAvailable } from '../databases/databases.js';
import { DUE_DATABASES, type DueDatabase, SqlStore, rowWith, shapes } from './sql-store.js';

const NOW = 1_000_000;
const LEASE_MS = 60_000;
const LEASING = { owner: 'me', batch: 'batch' };

/** A row that is due, and free, so long ago. */
const due = (instance: string, ago: number, given: Partial<TaskRow> = {}): TaskRow =>
  rowWith({ instance, dueAt: NOW - ago, ...given });

const asking = (task: string, share: number, queue = task, isStatic = false): AskedQueue => ({
  task: { task, isStatic, queues: [queue], leaseMs: LEASE_MS, limit: 1_000 },
  queue,
  share,
});

describe.each(DUE_DATABASES.filter(isAvailable))('What is due, found and leased in SQL on %s', (name) => {
  let store: SqlStore;
  let rows: DueRows;

  beforeEach(async () => {
    store = await SqlStore.open(name);
    rows = dueRowsOn(name, store);
  });
  afterEach(() => store.close());

  const lease = (asked: readonly AskedQueue[]): Promise<DueAnswer> =>
    store.connection.write(() => rows.lease(asked, LEASING, NOW));

  it('is what `isClaimable` says, as `claim` leaves it, and nothing else is touched', async () => {
    const before = shapes(NOW);
    await store.save(before);
    const answer = await lease([asking('task', 1_000)]);
    const tokens = new Map(answer.rows.map((row) => [row.instance, row.leaseToken ?? '']));
    const expected = before.map((row) =>
      isClaimable(row, NOW) ? claim(row, NOW, LEASE_MS, tokens.get(row.instance) ?? '', 'me') : row,
    );
    expect(await store.find(before)).toEqual(expected);
    const claimed = expected.filter((_, index) => isClaimable(before[index] ?? rowWith({}), NOW));
    expect(claimed.length).toBeGreaterThan(50);
    expect(byInstance(answer.rows)).toEqual(byInstance(claimed));
    expect(answer.now).toBe(NOW);
  });

  it('has a token for each row that no other row has, and no other claim', async () => {
    await store.save(shapes(NOW));
    const { rows: leased } = await lease([asking('task', 1_000)]);
    const tokens = new Set(leased.map(({ leaseToken }) => leaseToken));
    expect(tokens.size).toBe(leased.length);
    for (const token of tokens) expect(token).toMatch(/^batch\.\d+$/);
  });

  it('is looked for by task: static ones have the one row without a name, templates all others', async () => {
    await store.save([
      due('', 10),
      due('bill', 10),
      due('', 10, { task: 'daily' }),
      due('x', 10, { task: 'daily' }),
    ]);
    const answer = await lease([asking('task', 10), asking('daily', 10, 'daily', true)]);
    expect(keysOf(answer.rows)).toEqual(['daily:', 'task:bill']);
  });

  it('is not in templates that are paused as a whole, nor held back by the pause of others', async () => {
    await store.save([due('a', 10), due('b', 10, { task: 'other' }), due('', 10, { task: 'daily' })]);
    await store.pauseTemplate('task');
    await store.pauseTemplate('daily');
    const answer = await lease([asking('task', 10), asking('other', 10), asking('daily', 10, 'daily', true)]);
    // A static task has its hold in its row.
    expect(keysOf(answer.rows)).toEqual(['daily:', 'other:b']);
    expect(answer.moments[0]).toEqual({ nextDueAt: null, overdueAt: null });
  });

  it('is as much of each queue as its share, the oldest first', async () => {
    const random = new Random(17);
    for (let round = 0; round < 8; round++) {
      const queues = ['task#0', 'task#1', 'task#2'];
      const before = shapes(NOW).map((row) => ({
        ...row,
        queue: random.pick(queues),
        dueAt: row.dueAt === null ? null : row.dueAt - random.below(40),
      }));
      await store.save(before);
      const asked = queues.map((queue) => asking('task', random.below(30), queue));
      const { rows: leased } = await lease(asked);
      for (const { queue, share } of asked) {
        const all = before.filter((row) => row.queue === queue && isClaimable(row, NOW));
        const oldest = dueMomentsOf(all).slice(0, share);
        expect(dueMomentsOf(leased.filter((row) => row.queue === queue))).toEqual(oldest);
      }
      await store.delete(before);
    }
  });

  it('says when more becomes due, or a lease ends', async () => {
    await store.save([
      due('held', 500, { lockedUntil: NOW + 5_000, leaseToken: 'x' }),
      due('held longer', 400, { lockedUntil: NOW + 6_000, leaseToken: 'x' }),
      due('free', 300),
      due('later', -9_000),
      due('parked', 100, { hold: 'parked', dueAt: null, lockedUntil: NOW + 1 }),
    ]);
    const [moments] = (await lease([asking('task', 5)])).moments;
    expect(moments).toEqual({ nextDueAt: NOW + 5_000, overdueAt: null });
    await store.save([due('soon', -1_000)]);
    expect((await lease([asking('task', 5)])).moments).toEqual([{ nextDueAt: NOW + 1_000, overdueAt: null }]);
  });

  it('says so only of what becomes due where its share was used up, for more may be due already', async () => {
    await store.save([
      due('a', 300),
      due('b', 200, { lockedUntil: NOW + 5_000, leaseToken: 'x' }),
      due('c', -9_000),
    ]);
    // MariaDB is not asked at all.
    const nextDueAt = name === 'mariadb' ? null : NOW + 9_000;
    expect((await lease([asking('task', 1)])).moments).toEqual([{ nextDueAt, overdueAt: null }]);
  });

  it('says of queues that are only looked at since when something is due, and takes nothing', async () => {
    const before = [
      due('held', 500, { lockedUntil: NOW + 5_000, leaseToken: 'x' }),
      due('free', 300),
      due('free too', 200),
      due('later', -9_000),
    ];
    await store.save(before);
    const answer = await lease([asking('task', 0), asking('none', 0)]);
    expect(answer.rows).toEqual([]);
    expect(answer.moments).toEqual([
      { nextDueAt: NOW + 5_000, overdueAt: NOW - 300 },
      { nextDueAt: null, overdueAt: null },
    ]);
    expect(await store.find(before)).toEqual(before);
  });

  it('is held until the transaction ends where it is not leased, as it was', async () => {
    const before = shapes(NOW);
    await store.save(before);
    await store.save([due('p', 10, { task: 'paused' })]);
    await store.pauseTemplate('paused');
    const held = await store.connection.write(() =>
      rows.hold([asking('task', 1_000), asking('paused', 10), asking('none', 0)], NOW),
    );
    expect(byInstance(held.rows)).toEqual(byInstance(before.filter((row) => isClaimable(row, NOW))));
    expect(await store.find(before)).toEqual(before);
    const few = await store.connection.write(() => rows.hold([asking('task', 3)], NOW));
    expect(dueMomentsOf(few.rows)).toEqual([NOW - 1_000, NOW - 1_000, NOW - 1_000]);
  });

  it('is written as it was decided where it was held: moved, changed, deleted, or left', async () => {
    const before = shapes(NOW);
    await store.save(before);
    const decided = new Map<string, TaskRow | null>();
    await store.connection.write(function* () {
      const held = yield* rows.hold([asking('task', 1_000)], NOW);
      const changes = held.rows.map((row, index) => ({ before: row, after: becomes(row, index) }));
      for (const { before: row, after } of changes) decided.set(row.instance, after);
      const rest = rows.writeHeld === undefined ? changes : yield* rows.writeHeld(held, changes);
      yield* store.rows.write(rest);
    });
    expect(decided.size).toBeGreaterThan(50);
    const expected = before.map((row) => {
      const after = decided.get(row.instance);
      return after === undefined ? row : after;
    });
    expect(await store.find(before)).toEqual(expected);
  });
});

/** Each fourth row otherwise. */
function becomes(row: TaskRow, index: number): TaskRow | null {
  const moved = { ...row, dueAt: NOW + index, scheduledAt: NOW - index };
  return [moved, null, row, { ...moved, jitterMs: row.jitterMs + 1, lockedBy: 'you' }][index % 4] ?? null;
}

describe.each((['postgres', 'mariadb'] as const).filter(isAvailable))('What is due on %s', (name) => {
  it('is passed over where somebody else holds it, and leased by nobody twice', async () => {
    const store = await SqlStore.open(name);
    try {
      const rows = dueRowsOn(name, store);
      await store.save(Array.from({ length: 200 }, (_, index) => due(`i${index}`, index)));
      const batches = ['a', 'b', 'c', 'd'];
      const answers = await Promise.all(
        batches.map((batch) =>
          store.connection.write(() => rows.lease([asking('task', 70)], { owner: batch, batch }, NOW)),
        ),
      );
      const names = answers.flatMap((answer) => answer.rows.map(({ instance }) => instance));
      expect(new Set(names).size).toBe(names.length);
      const rest = await store.connection.write(() => rows.lease([asking('task', 200)], LEASING, NOW));
      expect(names.length + rest.rows.length).toBe(200);
    } finally {
      await store.close();
    }
  });

  it('is decided about by the database’s own time where none is given', async () => {
    const store = await SqlStore.open(name);
    try {
      const began = Date.now();
      await store.save([due('a', 0, { dueAt: began - 60_000 }), due('b', 0, { dueAt: began + 600_000 })]);
      const rows = dueRowsOn(name, store);
      const answer = await store.connection.write(() => rows.lease([asking('task', 5)], LEASING, null));
      expect(keysOf(answer.rows)).toEqual(['task:a']);
      expect(answer.rows[0]?.lockedUntil).toBe(answer.now + LEASE_MS);
      expect(Math.abs(answer.now - began)).toBeLessThan(30_000);
    } finally {
      await store.close();
    }
  });
});

const dueRowsOn = (name: DueDatabase, { table }: SqlStore): DueRows =>
  new { sqlite: SqliteDueRows, postgres: PostgresDueRows, mariadb: MysqlDueRows }[name](table);

const byInstance = (rows: readonly TaskRow[]): TaskRow[] =>
  rows.toSorted((a, b) => (a.instance < b.instance ? -1 : 1));

const keysOf = (rows: readonly TaskRow[]): string[] =>
  rows.map(({ task, instance }) => `${task}:${instance}`).toSorted();

const dueMomentsOf = (rows: readonly TaskRow[]): number[] =>
  rows.map(({ dueAt }) => dueAt ?? 0).toSorted((a, b) => a - b);

describe('Rows that are written where they are on PostgreSQL', () => {
  it('are refused when one of them is not there: nothing is executed that was not settled', () => {
    const change = { before: due('i', 10), after: null };
    const work = writeInPlace('t', ['(0,1)', '(0,2)'], [change, change]);
    expect(work.next().value).toMatchObject({ parameters: ['{"(0,1)","(0,2)"}'] });
    expect(() => work.next({ records: [], affected: 1 })).toThrow(
      '1 of 2 rows that were held are not where they were',
    );
  });
});
