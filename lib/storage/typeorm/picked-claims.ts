import type { ClaimRequest, ClaimResult } from '../../core/task-repository.js';
import { pickFairly } from './claim-picks.js';
import { ClaimWork } from './claim-work.js';
import type { Claiming, Timed } from './claiming.js';
import type { Store } from './store.js';

/** Over how many times its limit a claim spreads at most to stay out of the way of others. */
const WIDEST = 16;

/**
 * Claims by naming rows, for databases that cannot lease what they find in one statement: a look at what is due, without any lock, then leases on what of it is still free. A process that finds its
 * picks taken by others looks at more rows the next time and picks at a place of its own, so that many processes do not all want
 * the oldest ones.
 */
export class PickedClaims implements Claiming {
  private turn = 0;
  private width = 1;

  async claim(
    { database, probes, rows }: Store,
    request: ClaimRequest,
    given: number | null,
    timed: Timed,
  ): Promise<ClaimResult> {
    const tasks = request.tasks.filter(({ limit, queues }) => limit > 0 && queues.length > 0);
    const wide = tasks.map((task) => ({ ...task, limit: task.limit * this.width }));
    const probe = await timed(() =>
      database.connection.read(() => probes.probe(wide, request.limit * this.width, given)),
    );
    const spread = this.width === 1 ? 0 : Math.random();
    const { keys, nextDueAt } = pickFairly(probe, { ...request, tasks }, this.turn++, spread);
    if (keys.length === 0) return { claimed: [], nextDueAt, claimedAt: probe.now };
    const claim = new ClaimWork(keys, tasks, request.owner, probe.now);
    await database.connection.write(() => claim.work(rows));
    this.learn(keys.length, claim.claimed.length);
    return { claimed: claim.claimed, nextDueAt: claim.nextDueAt(nextDueAt), claimedAt: probe.now };
  }

  private learn(picked: number, claimed: number): void {
    if (claimed < picked / 2) this.width = Math.min(WIDEST, this.width * 2);
    else if (claimed === picked) this.width = Math.max(1, this.width / 2);
  }
}
