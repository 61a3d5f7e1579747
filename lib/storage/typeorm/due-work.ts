import type { ClaimRequest } from '../../core/task-repository.js';
import type { AskedQueue, BusyQueues } from './claim-shares.js';
import { ClaimWork } from '../claim-work.js';
import { claimToken } from '../token.js';
import type { Timed } from './claiming.js';
import type { SqlConnection } from './connections/sql-connection.js';
import type { DirectClaim, SettledRows } from './direct-claim.js';
import { type DueAnswer, type DueRows, HALVES, type Half } from './due-rows.js';
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
    const parts = halvesOf(asked, this.site.due.holdsHalves === true);
    const settled = await Promise.allSettled(parts.map((part) => this.settlePart(part)));
    const done = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const [failed] = settled.flatMap((one) => (one.status === 'rejected' ? [one] : []));
    if (failed !== undefined && done.length === 0) throw failed.reason;
    if (failed !== undefined) claim.failure ??= { error: failed.reason };
    claim.settled(asked, done);
  }

  private async settlePart({ asked, half }: Part): Promise<SettledRows> {
    const { connection, due, rows, time } = this.site;
    const { tasks, owner } = this.request;
    const { now, work } = await connection.write(function* () {
      const held = yield* due.hold(asked, time, half);
      const work = new ClaimWork(held.rows, tasks, owner, held.now ?? 0);
      const changes = held.rows.map((before, index) => ({ before, after: work.claim(before, index) }));
      work.after = changes.map(({ after }) => after);
      yield* rows.write(due.writeHeld === undefined ? changes : yield* due.writeHeld(held, changes));
      return { now: held.now, work };
    });
    const { claimed } = work;
    const full = asked.filter(
      ({ queue, share }) => claimed.filter(({ row }) => row.queue === queue).length >= share,
    );
    return { now, claimed, againAt: work.nextDueAt(null), full: full.map(({ queue }) => queue) };
  }
}

/** From which share on each queue's rows are settled in two halves side by side: the database works while the other half is decided. */
const WORTH_HALVING = 200;

/** What one transaction settles. */
interface Part {
  readonly asked: readonly AskedQueue[];
  readonly half?: Half;
}

function halvesOf(asked: readonly AskedQueue[], canHalve: boolean): readonly Part[] {
  const isWorthIt = ({ share, task }: AskedQueue): boolean => share >= WORTH_HALVING && !task.isStatic;
  if (!canHalve || !asked.every(isWorthIt)) return [{ asked }];
  return HALVES.map((half) => ({
    half,
    asked: asked.map((queue) => ({ ...queue, share: Math.floor((queue.share + half) / 2) })),
  }));
}

const isSettledAtOnce = ({ task }: AskedQueue): boolean => task.settleAtClaim !== undefined;
const isGiving = ({ share }: AskedQueue): boolean => share > 0;
const lookedAt = (queue: AskedQueue): AskedQueue => ({ ...queue, share: 0 });
