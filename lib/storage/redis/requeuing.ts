import type { QueuePlacement } from '../../core/task-repository.js';
import type { Directory } from './directory.js';
import type { Home } from './keys.js';
import type { Link } from './link.js';
import type { MovedQueues } from './moved-queues.js';
import type { Rows } from './rows.js';

/** How many rows change their queue at once. */
const REQUEUE_SIZE = 500;

/** Moves the instances of a template to where they wait now: its partitions may have changed their number. */
export class Requeuing {
  constructor(
    private readonly link: Link,
    private readonly directory: Directory,
    private readonly moved: MovedQueues,
    private readonly rows: Rows,
  ) {}

  /** Answers how many rows were moved. */
  async place(task: string, placement: QueuePlacement): Promise<number> {
    this.directory.place(task, placement);
    await this.moved.read(task);
    const own = (await this.directory.homesOf(task)).map((home) => ({ home, queue: home.queue }));
    let moved = 0;
    for (const { home, queue } of [...own, ...this.moved.pairsOf(task)]) {
      if (placement.queues.includes(queue)) continue;
      for (let part = -1; part !== 0; moved += part) part = await this.placeSome(home, queue, placement);
    }
    return moved;
  }

  /** Rows that are moved leave the queue, so that the next ones are the first. */
  private async placeSome(home: Home, queue: string, { queueOf }: QueuePlacement): Promise<number> {
    const waiting = await this.link.trip(() =>
      this.link.command('zrange', home.due(queue, false), 0, REQUEUE_SIZE - 1),
    );
    const names = Array.isArray(waiting) ? waiting.map(String) : [];
    const keys = names.map((instance) => ({ task: home.task, instance }));
    await this.rows.change(keys, (row) => row && { ...row, queue: queueOf(row.instance) });
    return keys.length;
  }
}
