import type { LeaseProof } from './task-repository.js';
import type { TaskRow } from './task-row.js';

/**
 * The right to run an instance until a moment, as its holder sees it.
 *
 * `trustedUntil = moment of sending + lease duration`: the repository's own end of the lease lies at that moment or later, for
 * it counted from when the request arrived. Past it somebody else may hold the row; only the row's token tells.
 */
export class Lease implements LeaseProof {
  readonly task: string;
  readonly instance: string;
  readonly leaseToken: string;
  readonly attempt: number;
  /** Set once the repository has said that the row is no longer ours. */
  isLost = false;

  constructor(
    row: TaskRow,
    public trustedUntil: number,
  ) {
    this.task = row.task;
    this.instance = row.instance;
    this.leaseToken = row.leaseToken ?? row.executionId ?? '';
    this.attempt = row.attempt;
  }

  get proof(): LeaseProof {
    const { task, instance, leaseToken, attempt } = this;
    return { task, instance, leaseToken, attempt };
  }

  isTrusted(now: number): boolean {
    return !this.isLost && now < this.trustedUntil;
  }

  extend(until: number): void {
    this.trustedUntil = Math.max(this.trustedUntil, until);
  }
}
