import { describe, expect, it } from 'vitest';
import type { ClaimRequest, ClaimableTask } from '../../lib/core/task-repository.js';
import type { Timed } from '../../lib/storage/typeorm/claiming.js';
import { DirectClaim } from '../../lib/storage/typeorm/direct-claim.js';
import { DirectClaims } from '../../lib/storage/typeorm/direct-claims.js';
import type { DueRows } from '../../lib/storage/typeorm/due-rows.js';
import { SqliteDueRows } from '../../lib/storage/typeorm/due-rows-sqlite.js';
import type { Store } from '../../lib/storage/typeorm/store.js';
import { SqlStore, rowWith } from './sql-store.js';

const NOW = 1_000_000;
const task = (name: string): ClaimableTask => ({
  task: name,
  isStatic: false,
  queues: [name],
  leaseMs: 60_000,
  limit: 10,
});
const request: ClaimRequest = {
  tasks: [
    task('leased'),
    {
      ...task('settled'),
      settleAtClaim: () => ({ kind: 'done', next: NOW + 60_000, jitterMs: 0, error: null }),
    },
  ],
  limit: 10,
  owner: 'test',
};
const untimed: Timed = (ask) => ask();

describe('A claim in which something has failed', () => {
  it('is to be made again at once, whatever else is known', () => {
    const claim = new DirectClaim(request);
    claim.leased([], { now: NOW, rows: [], moments: [] });
    expect(claim.result.nextDueAt).toBeNull();
    claim.failure = { error: new Error('lost') };
    expect(claim.result).toEqual({ claimed: [], nextDueAt: NOW, claimedAt: NOW });
  });
});

describe('A claim that fails after it has taken something', () => {
  it('answers what it has taken, asks to be made again at once, and fails then', async () => {
    const store = await SqlStore.open('sqlite');
    try {
      await store.save(
        ['leased', 'settled'].map((name) => rowWith({ task: name, queue: name, instance: 'i', dueAt: NOW })),
      );
      const sound = new SqliteDueRows(store.table);
      let isBroken = true;
      const due: DueRows = {
        needsTransaction: true,
        lease: (...asking) => sound.lease(...asking),
        hold: (asked, given) => {
          if (isBroken) throw new Error('no room on the disk');
          return sound.hold(asked, given);
        },
      };
      const claims = new DirectClaims(due, store.rows);
      const claim = () =>
        claims.claim({ database: { connection: store.connection } } as Store, request, NOW, untimed);
      const first = await claim();
      expect(first.claimed.map(({ row }) => row.task)).toEqual(['leased']);
      expect(first.nextDueAt).toBe(first.claimedAt);
      await expect(claim()).rejects.toThrow('no room on the disk');
      // Nothing is taken now: that fails as it is.
      await expect(claim()).rejects.toThrow('no room on the disk');
      isBroken = false;
      const last = await claim();
      expect(last.claimed.map(({ row, settledAt }) => [row.task, settledAt])).toEqual([['settled', NOW]]);
      expect((await claim()).claimed).toEqual([]);
    } finally {
      await store.close();
    }
  });
});
