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

  /** Settles once; a store that fails is asked again while the lease is trusted. `execution`: what the history remembers of it. */
  async settle(lease: Lease, settlement: Settlement, execution?: ExecutionEntry): Promise<SettleResult> {
    const backOff = new BackOff();
    for (let isRepeated = false; ; isRepeated = true) {
      try {
        const answer = await this.batches.submit({ ...lease.proof, settlement, execution });
        if (answer === 'settled' || answer === 'superseded') this.announce(lease, settlement);
        return isRepeated ? afterSilence(answer) : answer;
      } catch {
        const waitMs = backOff.nextMs();
        if (!lease.isTrusted(this.watch.repository.now() + waitMs)) return 'unknown';
        await this.clock.sleep(waitMs);
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

/** No answer came to the first one: that nothing was changed by the second means that the first one was applied. */
const afterSilence = (answer: SettleAnswer): SettleResult =>
  answer === 'lost' || answer === 'gone' ? 'settled' : answer;
