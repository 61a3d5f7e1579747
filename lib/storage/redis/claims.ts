import type { ClaimRequest, ClaimResult } from '../../core/task-repository.js';
import { type Probe, pickFairly } from '../claim-picks.js';
import { ClaimSpread } from '../claim-spread.js';
import { ClaimWork } from '../claim-work.js';
import type { DueLook, DuePlace } from './due-look.js';
import type { Rows } from './rows.js';

/** Claims of one process: a look at what is due, then leases on what of it is still as it was. */
export class Claims {
  private turn = 0;
  private readonly spread = new ClaimSpread();

  constructor(
    private readonly dueLook: DueLook,
    private readonly rows: Rows,
  ) {}

  /** @param measured runs the look and learns the server's time from it */
  async claim(
    request: ClaimRequest,
    given: number | null,
    measured: (look: () => Promise<Probe<DuePlace>>) => Promise<Probe<DuePlace>>,
  ): Promise<ClaimResult> {
    // At most once is settled in a second step, under the lease: an answer that is lost then loses no occurrence.
    const tasks = request.tasks
      .filter(({ limit, queues }) => limit > 0 && queues.length > 0)
      .map((task) => ({ ...task, settleAtClaim: undefined }));
    const { width } = this.spread;
    const wide = tasks.map((task) => ({ ...task, limit: task.limit * width }));
    const probe = await measured(() => this.dueLook.look(wide, request.limit * width, given));
    const picks = pickFairly(probe, { ...request, tasks }, this.turn++, this.spread.place());
    if (picks.keys.length === 0) return { claimed: [], nextDueAt: picks.nextDueAt, claimedAt: probe.now };
    const claim = new ClaimWork(picks.keys, tasks, request.owner, probe.now);
    claim.after = await this.rows.take(picks.keys, (row, index) => claim.claim(row, index));
    this.spread.learn(picks.keys.length, claim.claimed.length);
    return { claimed: claim.claimed, nextDueAt: claim.nextDueAt(picks.nextDueAt), claimedAt: probe.now };
  }
}
