import type { ClaimRequest } from '../../core/task-repository.js';
import type { AskedQueue, BusyQueues } from './claim-shares.js';
import { ClaimWork } from '../claim-work.js';
import { claimToken } from '../token.js';
import type { Timed } from './claiming.js';
import type { SqlConnection } from './connections/sql-connection.js';
import type { DirectClaim } from './direct-claim.js';
import type { DueAnswer, DueRows } from './due-rows.js';
import type { LockingRows } from './locking-rows.js';
import type { Work } from './statement.js';

/** Where a claim does its work. */
export interface ClaimSite {
  readonly connection: SqlConnection;
  readonly due: DueRows;
  readonly rows: LockingRows;
  /** The time that decides; null: the database's own. */
  readonly time: number | null;
  readonly timed: Timed;
}

/** What a claim does in the database: it looks, leases, or settles at once what runs at most once. */
export class DueWork {
  private hasLooked = false;

  constructor(
    private readonly site: ClaimSite,
    private readonly request: ClaimRequest,
  ) {}

  /** Only looks, whatever the shares. */
  async look(claim: DirectClaim, asked: readonly AskedQueue[]): Promise<void> {
    const { connection, timed } = this.site;
    const looking = asked.map(lookedAt);
    claim.leased(looking, await timed(() => connection.read(() => this.lease(looking))));
    this.hasLooked = true;
  }

  /**
   * Takes what the shares allow; one statement, unless something runs at most once. `known`: queues that had more due the last time; when
   * all that is wanted is to be had from them, nothing is looked at before.
   */
  async take(claim: DirectClaim, asked: readonly AskedQueue[], known: BusyQueues): Promise<void> {
    const giving = asked.filter(isGiving);
    const isSure =
      giving.length > 0 && giving.every((queue) => isSettledAtOnce(queue) && known.has(queue.queue));
    if (isSure && !this.hasLooked) {
      await this.settle(claim, giving);
      return giving.every(({ queue }) => claim.isDue(queue)) ? undefined : this.look(claim, asked);
    }
    const leasing = asked.map((queue) => (isSettledAtOnce(queue) ? lookedAt(queue) : queue));
    if (!this.hasLooked) await this.leaseNow(claim, leasing);
    else if (leasing.some(({ share }) => share > 0)) await this.leaseNow(claim, leasing.filter(isGiving));
    const settling = asked.filter(
      (queue) => isSettledAtOnce(queue) && isGiving(queue) && claim.isDue(queue.queue),
    );
    if (settling.length > 0) await this.settle(claim, settling);
  }

  private async leaseNow(claim: DirectClaim, asked: readonly AskedQueue[]): Promise<void> {
    const { connection, due, timed } = this.site;
    const lease = (): Work<DueAnswer> => this.lease(asked);
    claim.leased(
      asked,
      await timed(() => (due.needsTransaction ? connection.write(lease) : connection.read(lease))),
    );
    this.hasLooked = true;
  }

  private lease(asked: readonly AskedQueue[]): Work<DueAnswer> {
    const { due, time } = this.site;
    return due.lease(asked, { owner: this.request.owner, batch: claimToken() }, time);
  }

  private async settle(claim: DirectClaim, asked: readonly AskedQueue[]): Promise<void> {
    const { connection, due, rows, time } = this.site;
    const { tasks, owner } = this.request;
    const { now, work } = await connection.write(function* () {
      const held = yield* due.hold(asked, time);
      const work = new ClaimWork(held.rows, tasks, owner, held.now ?? 0);
      const changes = held.rows.map((before, index) => ({ before, after: work.claim(before, index) }));
      work.after = changes.map(({ after }) => after);
      yield* rows.write(due.writeHeld === undefined ? changes : yield* due.writeHeld(held, changes));
      return { now: held.now, work };
    });
    claim.settled(asked, { now, claimed: work.claimed, againAt: work.nextDueAt(null) });
  }
}

const isSettledAtOnce = ({ task }: AskedQueue): boolean => task.settleAtClaim !== undefined;
const isGiving = ({ share }: AskedQueue): boolean => share > 0;
const lookedAt = (queue: AskedQueue): AskedQueue => ({ ...queue, share: 0 });
