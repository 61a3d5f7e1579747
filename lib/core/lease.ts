import type { LeaseProof } from './task-repository.js';
import type { TaskRow } from './task-row.js';

/**
 * The right to run an instance until a moment, as its holder sees it.
 *
 * `trustedUntil = moment of sending + lease duration`: the repository's own end of the lease lies at that moment or later, for
 * it counted from when the request arrived. Past it somebody else may hold the row; only the row's token tells.
 */
export class Lease {
  readonly proof: LeaseProof;
  /** Set once the repository has said that the row is no longer ours. */
  isLost = false;

  constructor(
    row: TaskRow,
    public trustedUntil: number,
  ) {
    this.proof = {
      task: row.task,
      instance: row.instance,
      leaseToken: row.leaseToken ?? row.executionId ?? '',
      attempt: row.attempt,
    };
  }

  isTrusted(now: number): boolean {
    return !this.isLost && now < this.trustedUntil;
  }

  extend(until: number): void {
    this.trustedUntil = Math.max(this.trustedUntil, until);
  }
}
