import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import type { ClaimRequest, ClaimResult } from '../../lib/core/task-repository.js';
import { HALVES } from '../../lib/storage/typeorm/due-rows.js';
import { PostgresDueRows } from '../../lib/storage/typeorm/due-rows-postgres.js';
import type { TypeOrmRepository } from '../../lib/storage/typeorm/typeorm.repository.js';
import { every } from '../../lib/testing/conformance/store.js';
import { createDatabase, isAvailable } from '../databases/databases.js';
import { opened, repositoryOn } from './open.js';
import { SqlStore, rowWith } from './sql-store.js';

const HOUR_MS = 3_600_000;
const COUNT = 700;
const LIMIT = 500;
const NAMES = Array.from({ length: COUNT }, (_, index) => `i${index}`);

const request: ClaimRequest = {
  tasks: [
    {
      task: 'task',
      isStatic: false,
      queues: ['task'],
      leaseMs: 1_000,
      limit: LIMIT,
      settleAtClaim: (_row, now) => ({ kind: 'done', next: now + HOUR_MS, jitterMs: 0, error: null }),
    },
  ],
  limit: LIMIT,
  owner: 'test',
};

describe.skipIf(!isAvailable('postgres'))('A large claim of what runs at most once, on PostgreSQL', () => {
  let dataSource: DataSource;
  let repository: TypeOrmRepository;
  let drop: () => Promise<void>;

  beforeEach(async () => {
    const database = await createDatabase('postgres');
    dataSource = await new DataSource(database.options).initialize();
    repository = await opened(repositoryOn(() => dataSource));
    drop = database.drop;
    await repository.register(NAMES.map((name) => every(name, 1)));
    await expect.poll(() => repository.now(), { interval: 1 }).toBeGreaterThan(await lastDueAt(dataSource));
  });
  afterEach(async () => {
    await repository.close();
    await dataSource.destroy();
    await drop();
  });

  it('takes everything, nothing twice, and never more than its limit', async () => {
    const taken: string[] = [];
    for (let answer: ClaimResult | null = null; answer?.claimed.length !== 0;) {
      answer = await repository.claimDue(request);
      expect(answer.claimed.length).toBeLessThanOrEqual(LIMIT);
      taken.push(...namesOf(answer));
    }
    expect(taken.toSorted()).toEqual(NAMES.toSorted());
  });

  it('says that more is due when only one half had as much as was asked for', async () => {
    await dataSource.query(`DELETE FROM pyncette_tasks WHERE (hashtext(instance) & 1) = 1`);
    const { claimed, nextDueAt, claimedAt } = await repository.claimDue(request);
    expect(claimed.length).toBe(LIMIT / 2);
    expect(nextDueAt).toBeLessThanOrEqual(claimedAt);
    const rest = await repository.claimDue(request);
    expect(rest.claimed.length).toBeGreaterThan(0);
    expect(rest.claimed.length).toBeLessThan(LIMIT / 2);
    expect(rest.nextDueAt).toBeGreaterThan(rest.claimedAt);
  });

  it('answers the half that is settled where the other fails, and then the failure', async () => {
    await dataSource.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$`,
    );
    await dataSource.query(
      `CREATE TRIGGER refused BEFORE UPDATE ON pyncette_tasks FOR EACH ROW WHEN (OLD.instance = 'i7') EXECUTE FUNCTION refuse()`,
    );
    const wanted = {
      ...request,
      limit: COUNT,
      tasks: request.tasks.map((task) => ({ ...task, limit: COUNT })),
    };
    const answer = await repository.claimDue(wanted);
    expect(answer.nextDueAt).toBeLessThanOrEqual(answer.claimedAt);
    const first = namesOf(answer);
    expect(first.length).toBeGreaterThan(0);
    expect(first).not.toContain('i7');
    await expect(repository.claimDue(wanted)).rejects.toThrow('not this one');
    await dataSource.query('DROP TRIGGER refused ON pyncette_tasks');
    const second = namesOf(await repository.claimDue(wanted));
    const third = namesOf(await repository.claimDue(wanted));
    expect([...first, ...second, ...third].toSorted()).toEqual(NAMES.toSorted());
  });
});

describe.skipIf(!isAvailable('postgres'))('The halves of what is due, on PostgreSQL', () => {
  it('have all rows, each in one of them, and about as many each', async () => {
    const store = await SqlStore.open('postgres');
    try {
      await store.save(NAMES.map((instance) => rowWith({ instance, dueAt: 1 })));
      const rows = new PostgresDueRows(store.table);
      const asked = request.tasks.map((task) => ({ task, queue: 'task', share: COUNT }));
      const halves: string[][] = [];
      for (const half of HALVES) {
        const held = await store.connection.write(() => rows.hold(asked, 2, half));
        halves.push(held.rows.map(({ instance }) => instance));
      }
      expect(halves.flat().toSorted()).toEqual(NAMES.toSorted());
      for (const half of halves) expect(half.length).toBeGreaterThan(COUNT / 3);
    } finally {
      await store.close();
    }
  });
});

const namesOf = ({ claimed }: ClaimResult): string[] => claimed.map(({ row }) => row.instance);

async function lastDueAt(dataSource: DataSource): Promise<number> {
  const found: unknown = await dataSource.query('SELECT MAX(due_at) AS at FROM pyncette_tasks');
  return Number((found as { at: string }[])[0]?.at);
}
