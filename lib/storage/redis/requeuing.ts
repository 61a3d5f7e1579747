import type { QueuePlacement } from '../../core/task-repository.js';
import { textsOf } from './answers.js';
import type { Directory } from './directory.js';
import type { Home } from './keys.js';
import type { Link } from './link.js';
import type { MovedQueues } from './moved-queues.js';
import type { Rows } from './rows.js';
import type { Sweeping } from './sweeping.js';

/** How many rows change their queue at once. */
const REQUEUE_SIZE = 500;

/** Moves the instances of a template to where they wait now: its partitions may have changed their number. */
export class Requeuing {
  constructor(
    private readonly link: Link,
    private readonly directory: Directory,
    private readonly moved: MovedQueues,
    private readonly rows: Rows,
    private readonly sweeping: Sweeping,
    private readonly now: () => number,
  ) {}

  /** Answers how many rows were moved. */
  async place(task: string, placement: QueuePlacement): Promise<number> {
    this.directory.place(task, placement);
    await this.moved.read(task);
    const own = (await this.directory.homesOf(task)).map((home) => ({ home, queue: home.queue }));
    let moved = 0;
    for (const { home, queue } of [...own, ...this.moved.pairsOf(task)]) {
      if (placement.queues.includes(queue)) continue;
      moved += await this.placeAll(home, queue, placement);
    }
    await this.moved.tidy(task, this.now());
    return moved;
  }

  /** Rows that are moved leave the queue, so that the next ones are the first; whatever stays is passed over. */
  private async placeAll(home: Home, queue: string, { queueOf }: QueuePlacement): Promise<number> {
    const key = home.due(queue, false);
    let moved = 0;
    for (let passed = 0; ;) {
      const names = await this.namesIn(key, passed);
      if (names.length === 0) return moved;
      const keys = names.map((instance) => ({ task: home.task, instance }));
      const rows = await this.rows.change(keys, (row) => row && { ...row, queue: queueOf(row.instance) });
      await this.sweeping.sweep(home.rows, key, names);
      moved += rows.filter((row) => row !== null && row.queue !== queue).length;
      passed += await this.countStill(key, names);
    }
  }

  private async namesIn(key: string, from: number): Promise<readonly string[]> {
    const names = await this.link.trip(() => this.link.command('zrange', key, from, from + REQUEUE_SIZE - 1));
    return textsOf(names);
  }

  /** How many of some names are still in a queue. */
  private async countStill(key: string, names: readonly string[]): Promise<number> {
    const scores = await this.link.trip(() => this.link.command('zmscore', key, ...names));
    return Array.isArray(scores) ? scores.filter((score) => score !== null).length : 0;
  }
}
