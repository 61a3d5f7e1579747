import { SystemClock, stopwatch } from '../../core/clock.js';
import type { PyncetteService } from '../../nest/pyncette.service.js';

/** How long a scrape waits for the store before it goes without. */
const PATIENCE_MS = 1_000;

/** How many instances of each task are parked: asked when somebody wants to know, and then not again for a while. */
export class ParkedCounts {
  private readonly clock = new SystemClock();
  private counts: ReadonlyMap<string, number> = new Map();
  private askedAt = Number.NEGATIVE_INFINITY;
  private asking: Promise<void> | null = null;

  constructor(
    private readonly pyncette: PyncetteService,
    private readonly intervalMs: number,
  ) {}

  /** The counts as they were last known: a store that is slow or away holds up no scrape. */
  async current(): Promise<ReadonlyMap<string, number>> {
    if (this.asking === null && stopwatch() - this.askedAt >= this.intervalMs) this.asking = this.ask();
    if (this.asking !== null) await this.patiently(this.asking);
    return this.counts;
  }

  private async ask(): Promise<void> {
    this.askedAt = stopwatch();
    try {
      const counts = new Map<string, number>();
      for (const { name } of this.pyncette.tasks)
        counts.set(name, await this.pyncette.countTasks(name, { state: 'parked' }));
      this.counts = counts;
    } catch {
      // The store is away: that is announced and counted already, and the last counts are the best there are.
    } finally {
      this.asking = null;
    }
  }

  private async patiently(work: Promise<void>): Promise<void> {
    const timer = new AbortController();
    const late = this.clock.sleep(PATIENCE_MS, timer.signal).catch(() => undefined);
    await Promise.race([work, late]);
    timer.abort();
  }
}
