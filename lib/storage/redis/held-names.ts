import type { RowFilter } from '../../core/row-requests.js';
import { textsOf } from './answers.js';
import type { Directory } from './directory.js';
import type { Home } from './keys.js';
import type { Link } from './link.js';
import type { MovedQueues } from './moved-queues.js';
import { type FoundName, isBefore } from './name-walk.js';

/** With more of them than this, all names are looked through. */
const MOST = 10_000;

/** Where what is held stands in its queue. */
const HELD = ['+inf', '+inf'] as const;

/** The names of the instances that are paused or parked themselves, found where their queues keep them apart from what can be claimed. */
export class HeldNames {
  constructor(
    private readonly link: Link,
    private readonly directory: Directory,
    private readonly moved: MovedQueues,
  ) {}

  /** In order; null: there are too many to be sorted here. */
  async of({ task, namePrefix = '' }: RowFilter, after: string | null): Promise<readonly FoundName[] | null> {
    const places = await this.placesOf(task);
    const counts = await this.link.trip(() =>
      Promise.all(places.map(({ key }) => this.link.command('zcount', key, ...HELD))),
    );
    const filled = places.filter((_, index) => Number(counts[index]) > 0);
    if (counts.reduce((sum: number, count) => sum + Number(count), 0) > MOST) return null;
    const lists = await this.link.trip(() =>
      Promise.all(filled.map(({ key }) => this.link.command('zrangebyscore', key, ...HELD))),
    );
    return filled
      .flatMap(({ home }, index) => textsOf(lists[index]).map((instance) => ({ instance, home })))
      .filter(
        ({ instance }) => instance.startsWith(namePrefix) && (after === null || isBefore(after, instance)),
      )
      .sort((one, other) => (isBefore(one.instance, other.instance) ? -1 : 1));
  }

  /** Every queue of a task, within every home whose rows wait in it. */
  private async placesOf(task: string): Promise<readonly { readonly home: Home; readonly key: string }[]> {
    const homes = await this.directory.homesOf(task);
    await this.moved.read(task);
    const own = homes.map((home) => ({ home, queue: home.queue }));
    return [...own, ...this.moved.pairsOf(task)].map(({ home, queue }) => ({
      home,
      key: home.due(queue, false),
    }));
  }
}
