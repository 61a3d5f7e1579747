import type { UpcomingRequest } from '../../core/row-requests.js';
import type { ListedRow } from '../../core/task-repository.js';
import { STATIC_INSTANCE } from '../../core/task-row.js';
import { textsOf } from './answers.js';
import type { Controls } from './controls.js';
import type { Directory } from './directory.js';
import type { Home } from './keys.js';
import type { Link } from './link.js';
import type { Listing } from './listing.js';
import type { MovedQueues } from './moved-queues.js';

/** Fewest rows that are looked at at a time: some of them are executing. */
const LEAST = 50;

/** A queue in one of its homes. */
interface QueuePlace {
  readonly home: Home;
  readonly queue: string;
  readonly isStatic: boolean;
}

/** What becomes due next. */
export class Upcoming {
  constructor(
    private readonly link: Link,
    private readonly directory: Directory,
    private readonly moved: MovedQueues,
    private readonly controls: Controls,
    private readonly listing: Listing,
  ) {}

  async list({ tasks, limit }: UpcomingRequest): Promise<ListedRow[]> {
    const paused = await this.controls.pausedOf(
      tasks.flatMap(({ task, isStatic }) => (isStatic ? [] : [task])),
    );
    const active = tasks.filter(({ task, isStatic }) => isStatic || !paused.has(task));
    await Promise.all(active.map(({ task, isStatic }) => isStatic || this.moved.read(task)));
    const places = active.flatMap(({ task, isStatic, queues }) =>
      queues.flatMap((queue) => this.moved.homesOf(task, queue).map((home) => ({ home, queue, isStatic }))),
    );
    const found = await Promise.all(places.map((place) => this.of(place, limit)));
    return found
      .flat()
      .sort((a, b) => (a.row.dueAt ?? 0) - (b.row.dueAt ?? 0))
      .slice(0, limit);
  }

  /** What is held is at the end of its queue, and not read. */
  private async of({ home, queue, isStatic }: QueuePlace, limit: number): Promise<ListedRow[]> {
    const found: ListedRow[] = [];
    const size = Math.max(LEAST, limit);
    for (let from = 0, isOver = false; !isOver && found.length < limit; from += size) {
      const due = home.due(queue, isStatic);
      const names = await this.link.trip(() =>
        this.link.command('zrangebyscore', due, '-inf', '(inf', 'LIMIT', from, size),
      );
      const some = textsOf(names);
      isOver = some.length < size;
      const places = some.map((instance) => ({
        task: home.task,
        instance: isStatic ? STATIC_INSTANCE : instance,
        home,
      }));
      found.push(...this.listing.inState(await this.directory.readAt(places), false, 'scheduled'));
    }
    return found;
  }
}
