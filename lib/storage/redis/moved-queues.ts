import { textsOf } from './answers.js';
import { PAUSED } from './controls.js';
import type { Home, Keys } from './keys.js';
import type { Link } from './link.js';
import type { Write } from './row-writer.js';
import { DELETE_FIELD } from './scripts.js';

/** What the field of a pair says while rows wait there, or may come; else since when there are none. */
const IN_USE = '1';

/** For how long there must have been none before nobody asks any more: whoever was about to bring some has given up by then. */
const EMPTY_MS = 600_000;

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
        [...fields].map(([field, task]) => this.link.command('hset', this.keys.control(task), field, IN_USE)),
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

  /** Forgets pairs that have had no rows for long: each costs every poll something. */
  async tidy(task: string, now: number): Promise<void> {
    const control = this.keys.control(task);
    const fields = pairsIn(await this.link.trip(() => this.link.command('hkeys', control)));
    if (fields.length === 0) return;
    const [said, ...counts] = await this.link.trip(() =>
      Promise.all([
        this.link.command('hmget', control, ...fields),
        ...fields.map((field) => this.link.command('zcard', this.queueKeyOf(task, field))),
      ]),
    );
    const says: readonly unknown[] = Array.isArray(said) ? said : [];
    await this.link.trip(() =>
      Promise.all(
        fields.map((field, index) =>
          this.tidyPair(control, field, String(says[index] ?? IN_USE), Number(counts[index]), now),
        ),
      ),
    );
  }

  private async tidyPair(
    control: string,
    field: string,
    says: string,
    count: number,
    now: number,
  ): Promise<void> {
    const isLeft = now - Number(says) > EMPTY_MS;
    if (count > 0 && says !== IN_USE) await this.link.command('hset', control, field, IN_USE);
    else if (count === 0 && says === IN_USE) await this.link.command('hset', control, field, Math.trunc(now));
    else if (count === 0 && isLeft) await this.link.script(DELETE_FIELD, [control], [field, says]);
  }

  private queueKeyOf(task: string, field: string): string {
    const [homeQueue, queue] = pairIn(field);
    return this.keys.home(task, homeQueue).due(queue, false);
  }

  /** Takes in the fields of a task's control; answers whether that is more than was known. */
  learn(task: string, fields: unknown): boolean {
    const before = this.pairsOf(task).length;
    const homes = new Map<string, Set<Home>>();
    for (const pair of pairsIn(fields)) {
      const [homeQueue, queue] = pairIn(pair);
      const known = homes.get(queue) ?? new Set();
      homes.set(queue, known.add(this.keys.home(task, homeQueue)));
    }
    this.homes.set(task, homes);
    return this.pairsOf(task).length > before;
  }
}

/** The fields of a control that are pairs. */
const pairsIn = (fields: unknown): readonly string[] => textsOf(fields).filter((field) => field !== PAUSED);

function pairIn(field: string): readonly [string, string] {
  const pair: unknown = JSON.parse(field);
  return Array.isArray(pair) ? [String(pair[0]), String(pair[1])] : [field, field];
}
