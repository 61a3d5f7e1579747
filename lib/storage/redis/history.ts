import type { ExecutionEntry, ExecutionHistory, ExecutionsRequest } from '../../core/execution-history.js';
import { partsOf } from '../parts.js';
import type { Directory } from './directory.js';
import type { HistoryLosses } from './history-losses.js';
import type { HistoryPages } from './history-pages.js';
import { PRUNE, REMEMBER } from './history-scripts.js';
import { encodeLine } from './history-text.js';
import type { Home } from './keys.js';
import type { Link } from './link.js';

/** Most entries that one script writes or deletes: nobody else is served meanwhile. */
const ENTRIES_AT_ONCE = 500;

/** How many homes are asked at once whether they have something to prune. */
const HOMES_AT_ONCE = 500;

/**
 * The history of executions. An entry is in the home of its row, so that it can be written with the row's settlement; one that
 * comes by itself is where the present partitions would put the row.
 */
export class History implements ExecutionHistory {
  constructor(
    private readonly link: Link,
    private readonly directory: Directory,
    private readonly pages: HistoryPages,
    private readonly losses: HistoryLosses,
  ) {}

  async record(entries: readonly ExecutionEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const byHome = new Map<Home, ExecutionEntry[]>();
    for (const entry of entries) {
      const home = this.directory.presentHome(entry);
      const some = byHome.get(home);
      if (some === undefined) byHome.set(home, [entry]);
      else some.push(entry);
    }
    await this.directory.prepare(new Set(byHome.keys()));
    const parts = [...byHome].flatMap(([home, all]) =>
      [...partsOf(all, ENTRIES_AT_ONCE)].map((some) => ({ home, some })),
    );
    await this.link.trip(() =>
      Promise.all(
        parts.map(({ home, some }) =>
          this.link.script(REMEMBER, [home.ended, home.history], some.map(encodeLine)),
        ),
      ),
    );
  }

  /** The same for what a settlement brought that had no row to be written with: it may be lost. */
  async recordIfPossible(entries: readonly ExecutionEntry[]): Promise<void> {
    await this.record(entries).catch((error: unknown) =>
      this.losses.lost(error instanceof Error ? error.message : String(error)),
    );
  }

  list(request: ExecutionsRequest): Promise<readonly ExecutionEntry[]> {
    return this.pages.list(request);
  }

  async prune(endedBefore: number, limit: number): Promise<number> {
    let pruned = 0;
    for (const homes of partsOf(await this.directory.allHomes(), HOMES_AT_ONCE)) {
      const counts = await this.link.trip(() =>
        Promise.all(homes.map(({ ended }) => this.link.command('zcount', ended, '-inf', `(${endedBefore}`))),
      );
      for (const home of homes.filter((_, index) => Number(counts[index]) > 0))
        for (let some = -1; some !== 0 && pruned < limit; pruned += some)
          some = await this.pruneHome(home, endedBefore, Math.min(ENTRIES_AT_ONCE, limit - pruned));
      if (pruned >= limit) break;
    }
    return pruned;
  }

  private async pruneHome(home: Home, endedBefore: number, limit: number): Promise<number> {
    const keys = [home.ended, home.history];
    return Number(await this.link.trip(() => this.link.script(PRUNE, keys, [endedBefore, limit])));
  }
}
