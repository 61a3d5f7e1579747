import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SettleRequest } from '../../lib/core/task-repository.js';
import type { SqlConnection } from '../../lib/storage/typeorm/connections/sql-connection.js';
import type { QuickSettlements } from '../../lib/storage/typeorm/quick-settlements.js';
import type { RowStore } from '../../lib/storage/typeorm/row-store.js';
import { type HistoryWriter, Settlements } from '../../lib/storage/typeorm/settlements.js';
import type { TaskRow } from '../../lib/core/task-row.js';
import { claim } from '../../lib/core/task-transitions.js';
import { rowWith } from './sql-store.js';
import type { Work } from '../../lib/storage/typeorm/statement.js';

const requests = (count: number): SettleRequest[] =>
  Array.from({ length: count }, (_, index) => ({
    task: 'task',
    instance: `i${index}`,
    leaseToken: 'token',
    attempt: 1,
    settlement: { kind: 'done', next: 1_000, jitterMs: 0, error: null },
  }));

/** Answers everything as settled, after so long, and writes down whether it might have waited. */
class Database {
  readonly waited: boolean[] = [];
  /** How long each statement takes; one that fails is tried again. */
  tookMs: number[] = [];
  fails = 0;
  /** Whether it leaves everything as it is. */
  isTouched = false;

  readonly quick: QuickSettlements = {
    needsTransaction: false,
    advance: (asked, mayWait) => this.answer(asked.length, mayWait),
    finish: (asked, mayWait) => this.answer(asked.length, mayWait),
  };

  readonly connection = {
    read: async <T>(work: () => Work<T>): Promise<T> => {
      for (;;) {
        const { value } = work().next();
        vi.advanceTimersByTime(this.tookMs.shift() ?? 0);
        if (this.fails-- <= 0) return value as T;
      }
    },
  } as unknown as SqlConnection;

  private *answer(count: number, mayWait: boolean): Work<readonly boolean[]> {
    this.waited.push(mayWait);
    return Array.from({ length: count }, () => !this.isTouched);
  }
}

const history: HistoryWriter = {
  along: () => Promise.reject(new Error('nothing is left for it')),
  kept: () => undefined,
  lost: () => undefined,
};

describe('Settlements in one statement', () => {
  let database: Database;
  let settlements: Settlements;
  const settle = async (count: number): Promise<boolean | undefined> => {
    const answers = await settlements.settle(requests(count), () => 0, history);
    expect(answers).toEqual(requests(count).map(() => 'settled'));
    return database.waited.at(-1);
  };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    database = new Database();
    settlements = new Settlements(database.connection, {} as RowStore, database.quick);
  });
  afterEach(() => vi.useRealTimers());

  it('wait for rows that others have locked only where there are many', async () => {
    expect([await settle(1), await settle(49), await settle(50), await settle(1_000)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('do not wait for a minute once one has taken long: two may have waited for each other', async () => {
    database.tookMs = [1_000];
    expect([await settle(100), await settle(100)]).toEqual([true, false]);
    vi.advanceTimersByTime(59_000);
    expect(await settle(100)).toBe(false);
    vi.advanceTimersByTime(1_001);
    expect(await settle(100)).toBe(true);
  });

  it('are made again row by row when the transaction that made them is rolled back and tried again', async () => {
    const row = claim(rowWith({ instance: 'i0', dueAt: 0 }), 0, 60_000, 'token', 'me');
    const written: (TaskRow | null)[][] = [];
    const rows: RowStore = {
      *change(keys, decide) {
        const after = keys.map((_, index) => decide(row, index));
        written.push(after);
        return after;
      },
      upsert: () => {
        throw new Error('nothing is new');
      },
    };
    const twice: HistoryWriter = {
      ...history,
      along: async (_entries, work) => {
        work().next();
        return work().next().value as never;
      },
    };
    database.isTouched = true;
    settlements = new Settlements(database.connection, rows, database.quick);
    expect(await settlements.settle(requests(1), () => 0, twice)).toEqual(['settled']);
    expect(written).toHaveLength(2);
    expect(written[1]).toEqual(written[0]);
  });

  it('do not wait when they are tried again', async () => {
    database.fails = 1;
    await settle(100);
    expect(database.waited).toEqual([true, false]);
  });
});
