import type { Clock } from '../core/clock.js';
import type { ExecutionEntry } from '../core/execution-history.js';
import type { Lease } from '../core/lease.js';
import type { SettleAnswer, SettleRequest, Settlement } from '../core/task-repository.js';
import { BackOff } from './back-off.js';
import { Batcher } from './batcher.js';
import type { RepositoryWatch } from './repository-watch.js';

/** `unknown`: the store did not answer while the lease was trusted; the lease runs out by itself. */
export type SettleResult = SettleAnswer | 'unknown';

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

  /** The same, but tells rather than promises: nothing has to be waited for. `then` must not throw. */
  settleThen(
    lease: Lease,
    settlement: Settlement,
    execution: ExecutionEntry | undefined,
    then: (result: SettleResult) => void,
  ): void {
    this.batches.put(
      requestOf(lease, settlement, execution),
      (answer) => {
        this.learn(answer, lease, settlement);
        then(answer);
      },
      () => void this.askAgain(lease, settlement, execution).then(then),
    );
  }

  /** Settles once; a store that fails is asked again while the lease is trusted. `execution`: what the history remembers of it. */
  settle(lease: Lease, settlement: Settlement, execution?: ExecutionEntry): Promise<SettleResult> {
    return new Promise((resolve) => this.settleThen(lease, settlement, execution, resolve));
  }

  private async ask(lease: Lease, settlement: Settlement, execution?: ExecutionEntry): Promise<SettleAnswer> {
    const answer = await this.batches.submit(requestOf(lease, settlement, execution));
    this.learn(answer, lease, settlement);
    return answer;
  }

  private learn(answer: SettleAnswer, lease: Lease, settlement: Settlement): void {
    if (answer === 'settled' || answer === 'superseded') this.announce(lease, settlement);
  }

  private async askAgain(
    lease: Lease,
    settlement: Settlement,
    execution?: ExecutionEntry,
  ): Promise<SettleResult> {
    const backOff = new BackOff();
    for (;;) {
      const waitMs = backOff.nextMs();
      if (!lease.isTrusted(this.watch.repository.now() + waitMs)) return 'unknown';
      await this.clock.sleep(waitMs);
      try {
        return afterSilence(await this.ask(lease, settlement, execution));
      } catch {
        // Asked again, as long as the lease is trusted.
      }
    }
  }

  /** Tells the loop when a settled row is due again. */
  announce(lease: Lease, settlement: Settlement): void {
    switch (settlement.kind) {
      case 'done':
        return this.onDue(
          settlement.next === null ? this.watch.repository.now() : settlement.next + settlement.jitterMs,
        );
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

const requestOf = (
  { task, instance, leaseToken, attempt }: Lease,
  settlement: Settlement,
  execution: ExecutionEntry | undefined,
): SettleRequest => ({ task, instance, leaseToken, attempt, settlement, execution });

/** No answer came to the first one: that nothing was changed by the second means that the first one was applied. */
const afterSilence = (answer: SettleAnswer): SettleResult =>
  answer === 'lost' || answer === 'gone' ? 'settled' : answer;
