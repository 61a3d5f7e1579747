import type { ClaimRequest, ClaimResult } from '../../core/task-repository.js';
import { type Probe, pickFairly } from '../claim-picks.js';
import { ClaimSpread } from '../claim-spread.js';
import { ClaimWork } from '../claim-work.js';
import type { DuePlace } from './due-findings.js';
import type { DueLook } from './due-look.js';
import type { Rows } from './rows.js';
import type { Sweeping } from './sweeping.js';

/** Most rows that are looked at in order to stay out of the way of others, unless more may be claimed. */
const WIDEST_LOOK = 5_000;

/** Claims of one process: a look at what is due, then leases on what of it is still as it was. */
export class Claims {
  private turn = 0;
  private readonly spread = new ClaimSpread();

  constructor(
    private readonly dueLook: DueLook,
    private readonly rows: Rows,
    private readonly sweeping: Sweeping,
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
    const widened = (limit: number): number =>
      Math.max(limit, Math.min(limit * this.spread.width, WIDEST_LOOK));
    const wide = tasks.map((task) => ({ ...task, limit: widened(task.limit) }));
    const probe = await measured(() => this.dueLook.look(wide, widened(request.limit), given));
    const picks = pickFairly(probe, { ...request, tasks }, this.turn++, this.spread.place());
    if (picks.keys.length === 0) return { claimed: [], nextDueAt: picks.nextDueAt, claimedAt: probe.now };
    const claim = new ClaimWork(picks.keys, tasks, request.owner, probe.now);
    claim.after = await this.rows.take(picks.keys, (row, index) => claim.claim(row, index));
    this.spread.learn(picks.keys.length, claim.claimed.length);
    // What was claimed does not wait for it, nor is it lost with it.
    void this.sweeping
      .learn(picks.keys.filter((_, index) => claim.after[index] === null))
      .catch(() => undefined);
    return { claimed: claim.claimed, nextDueAt: claim.nextDueAt(picks.nextDueAt), claimedAt: probe.now };
  }
}
