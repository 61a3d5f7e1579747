import { type Clock, partOfThis } from '../core/clock.js';
import type { ExecutionEntry } from '../core/execution-history.js';
import type { Lease } from '../core/lease.js';
import {
  type SettleAnswer,
  type SettleRequest,
  type Settlement,
  isSettled,
} from '../core/task-repository.js';
import { BackOff } from './back-off.js';
import { Batcher, type Pending } from './batcher.js';
import type { RepositoryWatch } from './repository-watch.js';

/** `unknown`: the store did not answer while the lease was trusted; the lease runs out by itself. */
export type SettleResult = SettleAnswer | 'unknown';

/** Told what became of a settlement. Must not throw. */
export interface SettleCaller {
  settled(result: SettleResult): void;
}

/** Brings settlements to the store, those that arrive together in one call. */
export class Settler {
  private readonly batches: Batcher<SettleRequest, SettleAnswer>;

  constructor(
    private readonly watch: RepositoryWatch,
    private readonly clock: Clock,
    private readonly onDue: (at: number) => void,
  ) {
    this.batches = new Batcher((requests) =>
      watch.call('settle', (repository) => repository.settle(requests)),
    );
  }

  /** Settles once; a store that fails is asked again while the lease is trusted. `execution`: what the history remembers of it. */
  settle(lease: Lease, settlement: Settlement, execution?: ExecutionEntry): Promise<SettleResult> {
    return new Promise((settled) => this.settleThen(lease, settlement, execution, { settled }));
  }

  /** The same, but tells rather than promises: nothing has to be waited for. */
  settleThen(
    lease: Lease,
    settlement: Settlement,
    execution: ExecutionEntry | undefined,
    caller: SettleCaller,
  ): void {
    this.batches.put(new AskedSettlement(this, lease, settlement, execution, caller, partOfThis(this.clock)));
  }

  /** The store has answered. */
  answered({ lease, settlement }: AskedSettlement, answer: SettleAnswer): SettleAnswer {
    if (isSettled(answer) || answer === 'superseded') this.announce(lease, settlement, answer);
    return answer;
  }

  /** The store has failed. */
  async askAgain(asked: AskedSettlement): Promise<SettleResult> {
    const backOff = new BackOff();
    for (;;) {
      const waitMs = backOff.nextMs();
      if (!asked.lease.isTrusted(this.watch.repository.now() + waitMs)) return 'unknown';
      await this.clock.sleep(waitMs);
      try {
        return afterSilence(this.answered(asked, await this.batches.submit(asked)));
      } catch {
        // Asked again, as long as the lease is trusted.
      }
    }
  }

  /** Tells the loop when a settled row is due again. */
  announce(lease: Lease, settlement: Settlement, answer: SettleAnswer): void {
    switch (settlement.kind) {
      case 'done':
        if (answer !== 'settled') this.onDue(this.watch.repository.now());
        else if (settlement.next !== null) this.onDue(settlement.next + settlement.jitterMs);
        return;
      case 'retry':
        return this.onDue(settlement.dueAt);
      case 'keep':
        return this.onDue(lease.trustedUntil);
      case 'back':
        return this.onDue(this.watch.repository.now());
      case 'park':
        return;
    }
  }
}

/** One settlement on its way: the request itself, and who is told what it came to. */
class AskedSettlement implements SettleRequest, Pending<SettleRequest, SettleAnswer> {
  readonly task: string;
  readonly instance: string;
  readonly leaseToken: string;
  readonly attempt: number;

  constructor(
    private readonly settler: Settler,
    readonly lease: Lease,
    readonly settlement: Settlement,
    readonly execution: ExecutionEntry | undefined,
    private readonly caller: SettleCaller,
    /** Runs what is done when others, asked in the same call, are told too. */
    private readonly apart: (work: () => void) => void,
  ) {
    this.task = lease.task;
    this.instance = lease.instance;
    this.leaseToken = lease.leaseToken;
    this.attempt = lease.attempt;
  }

  get request(): SettleRequest {
    return this;
  }

  resolve(answer: SettleAnswer): void {
    this.caller.settled(this.settler.answered(this, answer));
  }

  reject(): void {
    this.apart(() => void this.settler.askAgain(this).then((result) => this.caller.settled(result)));
  }
}

/** No answer came to the first one: that nothing was changed by the second means that the first one was applied. */
const afterSilence = (answer: SettleAnswer): SettleResult =>
  answer === 'lost' || answer === 'gone' ? 'settled' : answer;
