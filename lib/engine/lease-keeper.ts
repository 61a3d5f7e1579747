import { type Clock, apart, tracked } from '../core/clock.js';
import { LeaseLostException } from '../core/errors.js';
import type { Lease } from '../core/lease.js';
import type { HeartbeatPolicy } from '../core/task.js';
import type { RenewAnswer, RenewRequest } from '../core/task-repository.js';
import { BackOff } from './back-off.js';
import type { Batcher } from './batcher.js';

/** What keeping a lease needs of the engine. */
export interface LeaseStore {
  readonly clock: Clock;
  readonly renewals: Batcher<RenewRequest, RenewAnswer>;
  now(): number;
}

/** What becomes of a lease, told to the execution that holds it. */
export interface LeaseListener {
  onExtended(until: number): void;
  onLost(): void;
}

/** Extends one lease, when asked or in the background. */
export class LeaseKeeper {
  /** Ends the sleeps of whoever renews; made when somebody sleeps. */
  private stopping: AbortController | null = null;
  private isStopped = false;

  constructor(
    private readonly store: LeaseStore,
    private readonly lease: Lease,
    private readonly leaseMs: number,
    private readonly listener: LeaseListener,
  ) {}

  /** Extends the lease by its duration from now. A store that fails is asked again while the lease is trusted. */
  async renew(): Promise<RenewAnswer> {
    const backOff = new BackOff();
    for (;;) {
      const until = this.store.now() + this.leaseMs;
      try {
        return this.learn(await this.store.renewals.submit({ ...this.lease.proof, until }));
      } catch (error) {
        const waitMs = backOff.nextMs();
        if (!this.lease.isTrusted(this.store.now() + waitMs)) throw error;
        await this.store.clock.sleep(waitMs, this.untilStopped);
      }
    }
  }

  /** Extends the lease whenever the policy's part of it remains, until `stop`, or until it is lost. */
  start(policy: HeartbeatPolicy, label: string): void {
    apart(this.store.clock, () => void this.beat(policy, label));
  }

  stop(): void {
    this.isStopped = true;
    this.stopping?.abort();
  }

  private get untilStopped(): AbortSignal {
    this.stopping ??= new AbortController();
    if (this.isStopped) this.stopping.abort();
    return this.stopping.signal;
  }

  private async beat(policy: HeartbeatPolicy, label: string): Promise<void> {
    while (!this.isStopped && !this.lease.isLost) {
      const remainingMs = this.lease.trustedUntil - this.store.now();
      const waitMs = Math.max(1, Math.ceil(remainingMs - this.leaseMs * policy.leaseRemainingRatio));
      try {
        await this.store.clock.sleep(waitMs, this.untilStopped);
        const answer = await tracked(this.store.clock, `heartbeat of ${label}`, () => this.renew());
        if (answer.kind !== 'renewed') return;
      } catch {
        if (!this.isStopped && !this.lease.isTrusted(this.store.now())) return;
      }
    }
  }

  private learn(answer: RenewAnswer): RenewAnswer {
    if (answer.kind === 'renewed') {
      this.lease.extend(answer.until);
      if (!this.isStopped) this.listener.onExtended(answer.until);
    } else if (!this.lease.isLost) {
      this.lease.isLost = true;
      if (answer.kind === 'lost') this.listener.onLost();
    }
    return answer;
  }
}

/** What a handler's own `heartbeat()` throws. */
export function leaseLost(label: string, because: 'gone' | 'lost'): LeaseLostException {
  const why =
    because === 'gone' ? 'the instance was unscheduled' : 'it is over and another process may have taken it';
  return new LeaseLostException(
    `The lease of ${label} is lost: ${why}. Stop what the execution does; a longer leaseDuration or @WithHeartbeat() prevents this`,
  );
}
