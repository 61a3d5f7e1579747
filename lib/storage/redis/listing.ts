import type { RowFilter } from '../../core/row-requests.js';
import { stateOf } from '../../core/row-state.js';
import type { ListRequest, ListedRow } from '../../core/task-repository.js';
import { type RowKey, STATIC_INSTANCE, type TaskRow } from '../../core/task-row.js';
import type { Cell } from './cells.js';
import type { Controls } from './controls.js';
import type { Directory } from './directory.js';
import type { Link } from './link.js';
import type { HeldNames } from './held-names.js';
import { NameWalk, type Names, namesOf, rangeOf } from './name-walk.js';

/** How many rows are looked at at once for those in a state. */
const FILTER_SIZE = 500;

/** What can be read of the schedule by name. */
export class Listing {
  constructor(
    private readonly link: Link,
    private readonly directory: Directory,
    private readonly controls: Controls,
    private readonly held: HeldNames,
    private readonly now: () => number,
  ) {}

  async find(keys: readonly RowKey[]): Promise<(ListedRow | null)[]> {
    const cells = await this.directory.find(keys);
    const paused = await this.controls.pausedOf(keys.map(({ task }) => task));
    return cells.map(({ row }) => row && this.listed(row, paused.has(row.task)));
  }

  async list(request: ListRequest): Promise<ListedRow[]> {
    const { limit, after, state } = request;
    if (request.isStatic) return after === null && limit > 0 ? this.findStatic(request) : [];
    const found: ListedRow[] = [];
    for await (const page of this.pages(request, after, state === null ? limit : FILTER_SIZE)) {
      found.push(...page);
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  /** Names are counted where they are; rows in a state have to be looked at. */
  async count(filter: RowFilter): Promise<number> {
    if (filter.isStatic) return (await this.findStatic(filter)).length;
    let count = 0;
    if (filter.state !== null) {
      for await (const page of this.pages(filter, null, FILTER_SIZE)) count += page.length;
      return count;
    }
    const homes = await this.directory.homesOf(filter.task);
    const range = rangeOf(filter.namePrefix ?? '');
    const counts = await this.link.trip(() =>
      Promise.all(homes.map((home) => this.link.command('zlexcount', home.names, ...range))),
    );
    return counts.reduce((sum: number, one) => sum + Number(one), 0);
  }

  /** The rows of some cells that are in a state. */
  inState(cells: readonly Cell[], isPaused: boolean, state: RowFilter['state']): ListedRow[] {
    return cells.flatMap(({ row }) => {
      const listed = row && this.listed(row, isPaused);
      return listed !== null && (state === null || listed.state === state) ? [listed] : [];
    });
  }

  /** `size`: how many rows are looked at for each page; those that are not wanted are left out of it. */
  private async *pages(filter: RowFilter, after: string | null, size: number): AsyncGenerator<ListedRow[]> {
    const { task, state } = filter;
    const isPaused = (await this.controls.pausedOf([task])).has(task);
    const names = await this.namesIn(filter, isPaused, after);
    for (let isOver = size < 1; !isOver;) {
      const some = await names.next(size);
      isOver = some.length < size;
      const places = some.map(({ instance, home }) => ({ task, instance, home }));
      yield this.inState(await this.directory.readAt(places), isPaused, state);
    }
  }

  /** What is held is kept apart; all others of a paused template are paused, too. */
  private async namesIn(filter: RowFilter, isPaused: boolean, after: string | null): Promise<Names> {
    const { task, state, namePrefix } = filter;
    const isHeld = state === 'parked' || (state === 'paused' && !isPaused);
    const held = isHeld ? await this.held.of(filter, after) : null;
    return held === null
      ? new NameWalk(this.link, await this.directory.homesOf(task), after, namePrefix)
      : namesOf(held);
  }

  private async findStatic({ task, state }: RowFilter): Promise<ListedRow[]> {
    const [listed] = await this.find([{ task, instance: STATIC_INSTANCE }]);
    return listed && (state === null || listed.state === state) ? [listed] : [];
  }

  private listed(row: TaskRow, isPaused: boolean): ListedRow {
    return { row, state: stateOf(row, this.now(), isPaused && row.instance !== STATIC_INSTANCE) };
  }
}
