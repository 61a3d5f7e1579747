import type { ClaimRequest, ClaimResult } from '../../core/task-repository.js';
import { type Probe, pickFairly } from '../claim-picks.js';
import { ClaimSpread } from '../claim-spread.js';
import { ClaimWork } from '../claim-work.js';
import type { Work } from './statement.js';
import type { Store } from './store.js';

/** Claims of one process: a look at what is due, without any lock, then leases on what of it is still free. */
export class Claims {
  private turn = 0;
  private readonly spread = new ClaimSpread();

  /** @param look runs the probe and learns the store's time from it */
  async claim(
    { database, probes, rows }: Store,
    request: ClaimRequest,
    given: number | null,
    look: (probe: () => Work<Probe>) => Promise<Probe>,
  ): Promise<ClaimResult> {
    const tasks = request.tasks.filter(({ limit, queues }) => limit > 0 && queues.length > 0);
    const { width } = this.spread;
    const wide = tasks.map((task) => ({ ...task, limit: task.limit * width }));
    const probe = await look(() => probes.probe(wide, request.limit * width, given));
    const { keys, nextDueAt } = pickFairly(probe, { ...request, tasks }, this.turn++, this.spread.place());
    if (keys.length === 0) return { claimed: [], nextDueAt, claimedAt: probe.now };
    const claim = new ClaimWork(keys, tasks, request.owner, probe.now);
    claim.after = await database.connection.write(() =>
      rows.change(keys, (row, index) => claim.claim(row, index), true),
    );
    this.spread.learn(keys.length, claim.claimed.length);
    return { claimed: claim.claimed, nextDueAt: claim.nextDueAt(nextDueAt), claimedAt: probe.now };
  }
}
