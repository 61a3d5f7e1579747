import type { ClaimRequest, ClaimResult } from '../../core/task-repository.js';
import { type BusyQueues, divide } from './claim-shares.js';
import type { Claiming, Timed } from './claiming.js';
import { type ClaimFailure, DirectClaim } from './direct-claim.js';
import { type ClaimSite, DueWork } from './due-work.js';
import type { DueRows } from './due-rows.js';
import type { LockingRows } from './locking-rows.js';
import type { Store } from './store.js';

/** How often one claim asks at most. */
const LOOKS = 5;

/**
 * Claims by finding and leasing what is due without naming it first. How many rows each queue gives is decided before, from what was seen the
 * last time; a queue that turns out to have more is asked again for what the others have left.
 */
export class DirectClaims implements Claiming {
  private turn = 0;
  private busy: BusyQueues = new Set();
  /** What failed in the last claim beside what it claimed, and nobody was told. */
  private failure: ClaimFailure | null = null;

  constructor(
    private readonly due: DueRows,
    private readonly rows: LockingRows,
  ) {}

  async claim(
    { database: { connection } }: Store,
    request: ClaimRequest,
    time: number | null,
    timed: Timed,
  ): Promise<ClaimResult> {
    this.failWhatFailed();
    const tasks = request.tasks.filter(({ limit, queues }) => limit > 0 && queues.length > 0);
    const asking = { ...request, tasks };
    const claim = new DirectClaim(asking);
    const site: ClaimSite = { connection, due: this.due, rows: this.rows, time, timed };
    try {
      await this.proceed(claim, asking, new DueWork(site, asking));
    } catch (error) {
      claim.failure ??= { error };
    }
    if (claim.failure !== null && claim.isEmpty) throw claim.failure.error;
    this.busy = claim.busy;
    // That of another application's claim is not told yet.
    this.failure = claim.failure ?? this.failure;
    return claim.result;
  }

  private failWhatFailed(): void {
    const { failure } = this;
    this.failure = null;
    if (failure !== null) throw failure.error;
  }

  private async proceed(claim: DirectClaim, request: ClaimRequest, work: DueWork): Promise<void> {
    const turn = this.turn++;
    const known = new Set(this.busy);
    let busy = this.busy;
    let rest: ClaimRequest | null = request;
    if (this.due.needsTransaction && !isWorthLeasing(request, busy)) {
      await work.look(claim, divide({ ...request, limit: 0 }, busy, turn));
      rest = claim.rest(known);
      busy = claim.busy;
    }
    for (let looks = 0; rest !== null && looks < LOOKS; looks++) {
      await work.take(claim, divide(rest, busy, turn), busy);
      rest = claim.rest(known);
      busy = claim.busy;
      for (const queue of busy) known.add(queue);
    }
  }
}

/**
 * Whether something is probably due, so that a transaction is not taken in vain; with transactional tasks it may be long until there can
 * be another.
 */
const isWorthLeasing = ({ tasks }: ClaimRequest, busy: BusyQueues): boolean =>
  tasks.every(({ isTransactional }) => isTransactional !== true) &&
  tasks.some(({ queues }) => queues.some((queue) => busy.has(queue)));
