import type { ClaimRequest, ClaimResult } from '../../core/task-repository.js';
import { type Probe, pickFairly } from '../claim-picks.js';
import { ClaimWork } from '../claim-work.js';
import type { Work } from './statement.js';
import type { Store } from './store.js';

/** Over how many times its limit a claim spreads at most to stay out of the way of others. */
const WIDEST = 16;

/**
 * Claims of one process: a look at what is due, without any lock, then leases on what of it is still free. A process that finds its
 * picks taken by others looks at more rows the next time and picks at a place of its own, so that many processes do not all want
 * the oldest ones.
 */
export class Claims {
  private turn = 0;
  private width = 1;

  /** @param look runs the probe and learns the store's time from it */
  async claim(
    { database, probes, rows }: Store,
    request: ClaimRequest,
    given: number | null,
    look: (probe: () => Work<Probe>) => Promise<Probe>,
  ): Promise<ClaimResult> {
    const tasks = request.tasks.filter(({ limit, queues }) => limit > 0 && queues.length > 0);
    const wide = tasks.map((task) => ({ ...task, limit: task.limit * this.width }));
    const probe = await look(() => probes.probe(wide, request.limit * this.width, given));
    const spread = this.width === 1 ? 0 : Math.random();
    const { keys, nextDueAt } = pickFairly(probe, { ...request, tasks }, this.turn++, spread);
    if (keys.length === 0) return { claimed: [], nextDueAt, claimedAt: probe.now };
    const claim = new ClaimWork(keys, tasks, request.owner, probe.now);
    claim.after = await database.connection.write(() =>
      rows.change(keys, (row, index) => claim.claim(row, index), true),
    );
    this.learn(keys.length, claim.claimed.length);
    return { claimed: claim.claimed, nextDueAt: claim.nextDueAt(nextDueAt), claimedAt: probe.now };
  }

  private learn(picked: number, claimed: number): void {
    if (claimed < picked / 2) this.width = Math.min(WIDEST, this.width * 2);
    else if (claimed === picked) this.width = Math.max(1, this.width / 2);
  }
}
