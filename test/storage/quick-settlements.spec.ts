import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LeaseProof, SettleRequest } from '../../lib/core/task-repository.js';
import type { TaskRow } from '../../lib/core/task-row.js';
import { settle } from '../../lib/core/task-transitions.js';
import { MysqlQuickSettlements } from '../../lib/storage/typeorm/quick-settlements-mysql.js';
import { PostgresQuickSettlements } from '../../lib/storage/typeorm/quick-settlements-postgres.js';
import { SqliteQuickSettlements } from '../../lib/storage/typeorm/quick-settlements-sqlite.js';
import type { Advance, QuickSettlements } from '../../lib/storage/typeorm/quick-settlements.js';
import { isAvailable } from '../databases/databases.js';
import { QUICK_DATABASES, type QuickDatabase, SqlStore, shapes } from './sql-store.js';

const NOW = 1_000_000;
const ERROR = { name: 'TypeError', message: 'no “such” thing', at: 900 };

/** Rows of all shapes, each of them leased. */
const leased = (): readonly TaskRow[] =>
  shapes(NOW).map((row, index) => ({
    ...row,
    leaseToken: `token-${index}`,
    lockedUntil: row.lockedUntil ?? NOW + 10,
  }));

/** What is shown for each row: the lease itself, mostly; else one that is lost, superseded, or of a row that is gone. */
function proofs(rows: readonly TaskRow[]): readonly LeaseProof[] {
  return rows.map(({ task, instance, leaseToken, attempt }, index) => {
    const proof = { task, instance, leaseToken: leaseToken ?? '', attempt };
    if (index % 11 === 1) return { ...proof, leaseToken: 'lost' };
    if (index % 11 === 2) return { ...proof, attempt: attempt + 1 };
    return index % 11 === 3 ? { ...proof, instance: `${instance}-gone` } : proof;
  });
}

const advanceOf = (proof: LeaseProof, index: number): Advance => ({
  ...proof,
  settlement: {
    kind: 'done',
    next: NOW + index,
    jitterMs: index % 4,
    error: index % 3 === 0 ? ERROR : null,
  },
});

const endOf = (proof: LeaseProof): SettleRequest => ({
  ...proof,
  settlement: { kind: 'done', next: null, jitterMs: 0, error: null },
});

const isUntouched = ({ hold, queued, current }: TaskRow): boolean =>
  hold === null && queued === null && current === null;

const FORMS = QUICK_DATABASES.filter(isAvailable).flatMap((name) =>
  [false, true].map((mayWait) => ({ name, mayWait })),
);

describe.each(FORMS)('Settlements that read nothing, on $name, waiting: $mayWait', ({ name, mayWait }) => {
  let store: SqlStore;
  let quick: QuickSettlements;
  let before: readonly TaskRow[];

  beforeEach(async () => {
    store = await SqlStore.open(name);
    quick = quickOn(name, store);
    before = leased();
    await store.save(before);
  });
  afterEach(() => store.close());

  /** What `settle` makes of a row that nobody has touched; null: no row; undefined: these statements leave it alone. */
  const expected = (row: TaskRow, request: SettleRequest | undefined): TaskRow | null | undefined => {
    if (request === undefined) return undefined;
    const found = row.instance === request.instance ? row : null;
    const { row: after, answer } = settle(found, request, request.settlement, NOW);
    return answer === 'settled' && isUntouched(row) ? after : undefined;
  };

  it('go on to the next occurrence as `settle` says, and leave alone what was touched', async () => {
    const requests = proofs(before).map(advanceOf);
    const done = await store.connection.write(() => quick.advance(requests, mayWait));
    const wanted = before.map((row, index) => expected(row, requests[index]));
    expect(done).toEqual(wanted.map((after) => after !== undefined));
    expect(done.filter(Boolean).length).toBeGreaterThan(10);
    expect(await store.find(before)).toEqual(before.map((row, index) => wanted[index] ?? row));
  });

  it('delete what has no other occurrence as `settle` says, and leave alone what was touched', async () => {
    const requests = proofs(before).map(endOf);
    const done = await store.connection.write(() => quick.finish(requests, mayWait));
    const wanted = before.map((row, index) => expected(row, requests[index]));
    expect(done).toEqual(wanted.map((after) => after !== undefined));
    expect(done.filter(Boolean).length).toBeGreaterThan(10);
    expect(await store.find(before)).toEqual(before.map((row, index) => (done[index] === true ? null : row)));
  });

  it('do not depend on the moment, for neither does `settle` where nobody has touched the row', () => {
    const requests = before.map((row) => advanceOf({ ...row, leaseToken: row.leaseToken ?? '' }, 1));
    const at = (now: number) =>
      before.map((row, index) => {
        const request = requests[index];
        return request && isUntouched(row) ? settle(row, request, request.settlement, now) : null;
      });
    expect(at(NOW)).toEqual(at(NOW + 1_000_000));
  });

  it('are answered once where the same is settled twice in one call', async () => {
    const row = before.find(isUntouched);
    if (row === undefined) throw new Error('every row was touched');
    const advance = advanceOf({ ...row, leaseToken: row.leaseToken ?? '' }, 1);
    const done = await store.connection.write(() => quick.advance([advance, advance], mayWait));
    expect(done.filter(Boolean)).toHaveLength(1);
    expect(await store.find([row])).toEqual([settle(row, advance, advance.settlement, NOW).row]);
    expect(await store.connection.write(() => quick.advance([advance], mayWait))).toEqual([false]);
    expect(await store.connection.write(() => quick.finish([advance, advance], mayWait))).toEqual([
      false,
      false,
    ]);
  });
});

describe.runIf(isAvailable('mariadb'))('Settlements that read nothing, on MariaDB', () => {
  let store: SqlStore;
  let quick: QuickSettlements;
  const untouched = leased().filter(isUntouched);

  beforeEach(async () => {
    store = await SqlStore.open('mariadb');
    quick = new MysqlQuickSettlements(store.table);
    await store.save(leased());
  });
  afterEach(() => store.close());

  const proven = (): readonly LeaseProof[] =>
    untouched.map((row) => ({ ...row, leaseToken: row.leaseToken ?? '' }));
  const after = (requests: readonly SettleRequest[]): (TaskRow | null)[] =>
    untouched.map((row, index) => {
      const request = requests[index];
      return request === undefined ? row : settle(row, request, request.settlement, NOW).row;
    });

  it('are what `settle` says where nobody has touched any of the rows', async () => {
    const advances = proven().map(advanceOf);
    expect(untouched.length).toBeGreaterThan(10);
    expect(await store.connection.write(() => quick.advance(advances, true))).toEqual(
      untouched.map(() => true),
    );
    expect(await store.find(untouched)).toEqual(after(advances));
    await store.save(leased());
    const ends = proven().map(endOf);
    expect(await store.connection.write(() => quick.finish(ends, true))).toEqual(untouched.map(() => true));
    expect(await store.find(untouched)).toEqual(untouched.map(() => null));
  });

  it('are none at all where one of the rows was touched, is gone, or is settled twice', async () => {
    const all = leased();
    const good = proven().slice(0, 3);
    const [first] = good;
    if (first === undefined) throw new Error('every row was touched');
    const bad = [...proofs(all).filter((proof, index) => isWrong(proof, all[index])), first];
    expect(bad.length).toBeGreaterThan(10);
    for (const one of bad) {
      const list = [...good, one];
      const none = list.map(() => false);
      expect(
        await store.connection.write(() => quick.advance(list.map(advanceOf), true)),
        one.instance,
      ).toEqual(none);
      if (one !== first)
        expect(await store.connection.write(() => quick.finish(list.map(endOf), true)), one.instance).toEqual(
          none,
        );
    }
    expect(await store.find(all)).toEqual(all);
    const gone = { task: first.task, instance: `${first.instance}-gone` };
    expect(await store.find([gone])).toEqual([null]);
  });
});

/** Whether a proof is not that of an untouched row. */
const isWrong = ({ instance, leaseToken, attempt }: LeaseProof, row: TaskRow | undefined): boolean =>
  row === undefined ||
  !isUntouched(row) ||
  instance !== row.instance ||
  leaseToken !== row.leaseToken ||
  attempt !== row.attempt;

const quickOn = (name: QuickDatabase, { table }: SqlStore): QuickSettlements =>
  name === 'sqlite' ? new SqliteQuickSettlements(table) : new PostgresQuickSettlements(table, 'nowhere');
