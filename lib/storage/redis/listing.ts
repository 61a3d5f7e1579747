import { stateOf } from '../../core/row-state.js';
import type { ListRequest, ListedRow } from '../../core/task-repository.js';
import { type RowKey, STATIC_INSTANCE, type TaskRow } from '../../core/task-row.js';
import type { Directory } from './directory.js';
import type { Link } from './link.js';
import { PAUSED } from './moved-queues.js';
import { NameWalk } from './name-walk.js';

/** How many rows are looked at at once for those in a state. */
const FILTER_SIZE = 500;

/** Most tasks that are looked at for rows nobody knows. */
const TASKS_LOOKED_AT = 200;

/** What can be read of the schedule. */
export class Listing {
  constructor(
    private readonly link: Link,
    private readonly directory: Directory,
    private readonly now: () => number,
  ) {}

  async find(keys: readonly RowKey[]): Promise<(ListedRow | null)[]> {
    const cells = await this.directory.find(keys);
    const tasks = [...new Set(keys.map(({ task }) => task))];
    const answers = await Promise.all(tasks.map((task) => this.isPaused(task)));
    const paused = new Set(tasks.filter((_, index) => answers[index]));
    return cells.map(({ row }) => row && this.listed(row, paused.has(row.task)));
  }

  async list({ task, isStatic, limit, after, state }: ListRequest): Promise<ListedRow[]> {
    if (isStatic) return this.listStatic({ task, isStatic, limit, after, state });
    const isPaused = await this.isPaused(task);
    const names = new NameWalk(this.link, await this.directory.homesOf(task), after);
    const found: ListedRow[] = [];
    while (found.length < limit) {
      const wanted = state === null ? limit - found.length : FILTER_SIZE;
      const some = await names.next(wanted);
      const places = some.map(({ instance, home }) => ({ key: { task, instance }, home }));
      for (const { row } of await this.directory.readAt(places)) {
        const listed = row && this.listed(row, isPaused);
        if (listed !== null && (state === null || listed.state === state)) found.push(listed);
      }
      if (some.length < wanted) break;
    }
    return found.slice(0, limit);
  }

  async isPaused(task: string): Promise<boolean> {
    const control = this.directory.keys.control(task);
    return Number(await this.link.trip(() => this.link.command('hexists', control, PAUSED))) === 1;
  }

  async setPaused(task: string, isPaused: boolean): Promise<void> {
    const control = this.directory.keys.control(task);
    await this.link.trip(() =>
      isPaused ? this.link.command('hset', control, PAUSED, '1') : this.link.command('hdel', control, PAUSED),
    );
  }

  /** Those of the tasks ever seen that still have rows. */
  async tasks(): Promise<string[]> {
    const { keys } = this.directory;
    const members = await this.link.trip(() => this.link.command('smembers', keys.tasks));
    const tasks = (Array.isArray(members) ? members.map(String) : []).sort();
    const found: string[] = [];
    for (const task of tasks) {
      if (found.length >= TASKS_LOOKED_AT) break;
      const homes = await this.directory.homesOf(task);
      const counts = await this.link.trip(() =>
        Promise.all(homes.map((home) => this.link.command('hlen', home.rows))),
      );
      if (counts.some((count) => Number(count) > 0)) found.push(task);
    }
    return found;
  }

  private async listStatic({ task, limit, after, state }: ListRequest): Promise<ListedRow[]> {
    if (after !== null || limit < 1) return [];
    const [listed] = await this.find([{ task, instance: STATIC_INSTANCE }]);
    return listed && (state === null || listed.state === state) ? [listed] : [];
  }

  private listed(row: TaskRow, isPaused: boolean): ListedRow {
    return { row, state: stateOf(row, this.now(), isPaused && row.instance !== STATIC_INSTANCE) };
  }
}
