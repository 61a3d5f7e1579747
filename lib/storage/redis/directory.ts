import { textOf } from '../decide.js';
import type { QueuePlacement } from '../../core/task-repository.js';
import { type RowKey, STATIC_INSTANCE } from '../../core/task-row.js';
import { textsOf } from './answers.js';
import { type Cell, type Place, cellOf } from './cells.js';
import type { Home, Keys } from './keys.js';
import type { Link } from './link.js';
import { partsOf } from '../parts.js';

/** Most rows that one command reads. */
const ROWS_AT_ONCE = 500;

/**
 * Where rows are. A new one is born in the home of its queue, and stays there for its life: when partitions change their number, it
 * comes to wait in another queue, but within the same home. So a row is looked for where the present partitions would have put it
 * and, where it is not there, in every other home of its task.
 */
export class Directory {
  private readonly placements = new Map<string, QueuePlacement>();
  /** The queues of a task that have homes, as they were read last. */
  private readonly queues = new Map<string, ReadonlySet<string>>();

  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {}

  /** How a task's instances are placed in this process. */
  place(task: string, placement: QueuePlacement): void {
    this.placements.set(task, placement);
  }

  /** Reads rows wherever they are; answers each in turn. */
  async find(keys: readonly RowKey[]): Promise<Cell[]> {
    const tasks = [...new Set(keys.map(({ task }) => task))];
    const guesses = keys.map(({ task, instance }) => ({
      task,
      instance,
      home: this.presentHome({ task, instance }),
    }));
    const [cells] = await this.link.trip(() => Promise.all([this.read(guesses), this.learn(tasks)]));
    const missing = cells.flatMap(({ row }, index) => (row === null ? [index] : []));
    const elsewhere = missing.flatMap((index) => {
      const guess = guesses[index];
      return guess === undefined ? [] : this.othersThan(guess.home).map((home) => ({ ...guess, home }));
    });
    if (elsewhere.length === 0) return cells;
    const found = await this.readAt(elsewhere);
    const byKey = new Map(found.filter(({ row }) => row !== null).map((cell) => [textOf(cell.key), cell]));
    return cells.map((cell) => (cell.row === null ? (byKey.get(textOf(cell.key)) ?? cell) : cell));
  }

  /** Reads rows where they are known to be. */
  readAt(places: readonly Place[]): Promise<Cell[]> {
    return this.link.trip(() => this.read(places));
  }

  /** The homes of a task, as the store knows them. */
  async homesOf(task: string): Promise<readonly Home[]> {
    await this.link.trip(() => this.learn([task]));
    return this.known(task);
  }

  /** All homes that there are. */
  async allHomes(): Promise<readonly Home[]> {
    const tasks = await this.allTasks();
    await this.link.trip(() => this.learn(tasks));
    return tasks.flatMap((task) => this.known(task));
  }

  /** The tasks that have, or had, rows. */
  async allTasks(): Promise<readonly string[]> {
    const members = await this.link.trip(() => this.link.command('smembers', this.keys.tasks));
    return textsOf(members).sort();
  }

  /**
   * Rows are about to be born in these homes; whoever looks for them has to know. The task comes first, in a trip of its own: whoever
   * finds a home of it takes it for known.
   */
  async prepare(homes: ReadonlySet<Home>): Promise<void> {
    const unknown = [...homes].filter(({ task, queue }) => this.queues.get(task)?.has(queue) !== true);
    if (unknown.length === 0) return;
    const { link, keys } = this;
    const tasks = new Set(unknown.map(({ task }) => task));
    await link.trip(() => link.command('sadd', keys.tasks, ...tasks));
    await link.trip(() =>
      Promise.all(unknown.map(({ task, queue }) => link.command('sadd', keys.queues(task), queue))),
    );
  }

  /** Homes that processes with another number of partitions may use for the same instances. */
  async foreignTo({ task }: Home): Promise<readonly Home[]> {
    const present = this.placements.get(task)?.queues;
    if (present === undefined) return [];
    return (await this.homesOf(task)).filter(({ queue }) => !present.includes(queue));
  }

  /** Where the present partitions put a row. */
  presentHome({ task, instance }: RowKey): Home {
    const placement = instance === STATIC_INSTANCE ? undefined : this.placements.get(task);
    return this.keys.home(task, placement === undefined ? task : presentQueue(placement, task, instance));
  }

  private known(task: string): Home[] {
    return [...(this.queues.get(task) ?? [])].map((queue) => this.keys.home(task, queue));
  }

  private othersThan(home: Home): Home[] {
    return this.known(home.task).filter((other) => other !== home);
  }

  private async learn(tasks: readonly string[]): Promise<void> {
    await Promise.all(
      tasks.map(async (task) => {
        const queues = await this.link.command('smembers', this.keys.queues(task));
        this.queues.set(task, new Set(textsOf(queues)));
      }),
    );
  }

  private async read(places: readonly Place[]): Promise<Cell[]> {
    const cells: Cell[] = places.map((key) => ({ key, home: null, version: '', row: null }));
    const byHome = new Map<Home, number[]>();
    places.forEach(({ home }, index) => {
      const indexes = byHome.get(home);
      if (indexes === undefined) byHome.set(home, [index]);
      else indexes.push(index);
    });
    const parts = [...byHome].flatMap(([home, all]) =>
      [...partsOf(all, ROWS_AT_ONCE)].map((indexes) => ({ home, indexes })),
    );
    await Promise.all(
      parts.map(async ({ home, indexes }) => {
        const names = indexes.map((index) => places[index]?.instance ?? '');
        const stored = await this.link.command('hmget', home.rows, ...names);
        if (!Array.isArray(stored)) return;
        indexes.forEach((index, position) => {
          const place = places[index];
          if (place !== undefined) cells[index] = cellOf(place, stored[position]);
        });
      }),
    );
    return cells;
  }
}

/** An application's own selector may fail on a name; then the row is looked for everywhere. */
function presentQueue({ queueOf }: QueuePlacement, task: string, instance: string): string {
  try {
    return queueOf(instance);
  } catch {
    return task;
  }
}
