import { PAUSED } from './controls.js';
import type { Home, Keys } from './keys.js';
import type { Link } from './link.js';
import type { Write } from './row-writer.js';

/** Which queues have rows outside of their own homes, by task: after the number of partitions was changed. */
export class MovedQueues {
  private readonly homes = new Map<string, ReadonlyMap<string, ReadonlySet<Home>>>();

  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {}

  /** Rows are about to come to such queues; whoever polls these has to know. */
  async prepare(writes: readonly Write[]): Promise<void> {
    const fields = new Map<string, string>();
    for (const { cell, row } of writes) {
      if (cell.home === null || row === null || row.queue === cell.row?.queue) continue;
      if (row.queue !== cell.home.queue)
        fields.set(JSON.stringify([cell.home.queue, row.queue]), cell.home.task);
    }
    if (fields.size === 0) return;
    await this.link.trip(() =>
      Promise.all(
        [...fields].map(([field, task]) => this.link.command('hset', this.keys.control(task), field, '1')),
      ),
    );
  }

  /** Where the rows of a queue wait: its own home first. */
  homesOf(task: string, queue: string): Home[] {
    return [this.keys.home(task, queue), ...(this.homes.get(task)?.get(queue) ?? [])];
  }

  /** All pairs of a task, as `read` or `learn` found them. */
  pairsOf(task: string): readonly { readonly home: Home; readonly queue: string }[] {
    return [...(this.homes.get(task) ?? [])].flatMap(([queue, homes]) =>
      [...homes].map((home) => ({ home, queue })),
    );
  }

  /** Reads what the store knows about a task. */
  async read(task: string): Promise<void> {
    this.learn(task, await this.link.trip(() => this.link.command('hkeys', this.keys.control(task))));
  }

  /** Takes in the fields of a task's control; answers whether that is more than was known. */
  learn(task: string, fields: unknown): boolean {
    const pairs = Array.isArray(fields) ? fields.map(String).filter((field) => field !== PAUSED) : [];
    const before = this.pairsOf(task).length;
    const homes = new Map<string, Set<Home>>();
    for (const pair of pairs) {
      const [homeQueue, queue] = pairIn(pair);
      const known = homes.get(queue) ?? new Set();
      homes.set(queue, known.add(this.keys.home(task, homeQueue)));
    }
    this.homes.set(task, homes);
    return this.pairsOf(task).length > before;
  }
}

function pairIn(field: string): readonly [string, string] {
  const pair: unknown = JSON.parse(field);
  return Array.isArray(pair) ? [String(pair[0]), String(pair[1])] : [field, field];
}
