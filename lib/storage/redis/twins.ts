import type { Cell } from './cells.js';
import type { Directory } from './directory.js';
import type { Home } from './keys.js';
import type { RowWriter, Write, Written } from './row-writer.js';

/** How often a row is removed again that somebody has written meanwhile. */
const ATTEMPTS = 10;

/**
 * While a release that changes the number of partitions is rolled out, two processes may create the same instance in the same
 * moment, each in a home of its own. Whoever finds the other's row afterwards takes its own back.
 */
export class Twins {
  constructor(
    private readonly directory: Directory,
    private readonly writer: RowWriter,
  ) {}

  /** Answers how the writes ended: one that was taken back is to be decided about again. */
  async withdraw(writes: readonly Write[], written: readonly Written[]): Promise<Written[]> {
    const born = writes.flatMap((write, index) =>
      write.cell.home === null && write.row !== null && written[index] !== null ? [index] : [],
    );
    const places = await this.placesOfTwins(born.flatMap((index) => writes[index] ?? []));
    if (places.length === 0) return [...written];
    const found = await this.directory.readAt(places);
    const withTwin = new Set(
      places.flatMap(({ write }, index) => (found[index]?.row ? [writes.indexOf(write)] : [])),
    );
    await this.remove([...withTwin].flatMap((index) => written[index] ?? []));
    return written.map((one, index) => (withTwin.has(index) ? null : one));
  }

  /** Whatever has become of them: one may have been claimed already. */
  private async remove(cells: readonly Cell[]): Promise<void> {
    let left = cells;
    for (let attempt = 0; left.length > 0 && attempt < ATTEMPTS; attempt++) {
      const removed = await this.writer.write(left.map((cell) => ({ cell, row: null })));
      const places = left.flatMap(({ key, home }, index) =>
        removed[index] === null && home !== null ? [{ ...key, home }] : [],
      );
      if (places.length === 0) return;
      left = (await this.directory.readAt(places)).filter(({ row }) => row !== null);
    }
  }

  private async placesOfTwins(born: readonly Write[]) {
    const homes = new Set(born.map((write) => this.writer.homeOf(write)));
    const foreign = new Map<Home, readonly Home[]>();
    for (const home of homes) foreign.set(home, await this.directory.foreignTo(home));
    return born.flatMap((write) =>
      (foreign.get(this.writer.homeOf(write)) ?? []).map((home) => ({
        write,
        task: home.task,
        instance: write.cell.key.instance,
        home,
      })),
    );
  }
}
