import type { ClaimRequest, ClaimResult } from '../../core/task-repository.js';
import { pickFairly } from '../claim-picks.js';
import { ClaimSpread } from '../claim-spread.js';
import { ClaimWork } from '../claim-work.js';
import type { Claiming, Timed } from './claiming.js';
import type { Store } from './store.js';

/**
 * Claims of one process by naming rows, for databases whose locks are not known: a look at what is due, without
 * any lock, then leases on what of it is still free.
 */
export class PickedClaims implements Claiming {
  private turn = 0;
  private readonly spread = new ClaimSpread();

  async claim(
    { database, probes, rows }: Store,
    request: ClaimRequest,
    given: number | null,
    timed: Timed,
  ): Promise<ClaimResult> {
    const tasks = request.tasks.filter(({ limit, queues }) => limit > 0 && queues.length > 0);
    const { width } = this.spread;
    const wide = tasks.map((task) => ({ ...task, limit: task.limit * width }));
    const probe = await timed(() =>
      database.connection.read(() => probes.probe(wide, request.limit * width, given)),
    );
    const { keys, nextDueAt } = pickFairly(probe, { ...request, tasks }, this.turn++, this.spread.place());
    if (keys.length === 0) return { claimed: [], nextDueAt, claimedAt: probe.now };
    const claim = new ClaimWork(keys, tasks, request.owner, probe.now);
    claim.after = await database.connection.write(() =>
      rows.change(keys, (row, index) => claim.claim(row, index)),
    );
    this.spread.learn(keys.length, claim.claimed.length);
    return { claimed: claim.claimed, nextDueAt: claim.nextDueAt(nextDueAt), claimedAt: probe.now };
  }
}
