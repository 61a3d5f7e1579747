import {
  type ExecutionEntry,
  type ExecutionPlace,
  type ExecutionsRequest,
  newestFirst,
} from '../../core/execution-history.js';
import { textsOf } from './answers.js';
import type { Directory } from './directory.js';
import { type EntryPlace, decodeLine, decodePlace, rangeOfInstance, rangeOfLine } from './history-text.js';
import type { Home } from './keys.js';
import type { Link } from './link.js';

/** An entry that is known by its place only. */
interface FoundPlace extends EntryPlace {
  readonly home: Home;
}

/** Pages of the history, from all homes of a task: those of an instance are in several when its task has been partitioned anew. */
export class HistoryPages {
  constructor(
    private readonly link: Link,
    private readonly directory: Directory,
  ) {}

  async list({ task, instance, limit, before }: ExecutionsRequest): Promise<readonly ExecutionEntry[]> {
    const homes = await this.directory.homesOf(task);
    if (instance === null) return this.read(await this.places(homes, before, limit));
    const [from, to] = rangeOfInstance(instance, before);
    const found = await this.link.trip(() =>
      Promise.all(
        homes.map((home) => this.link.command('zrevrangebylex', home.history, to, from, 'LIMIT', 0, limit)),
      ),
    );
    return merged(
      found.flatMap(textsOf).map((line) => decodeLine({ task, instance }, line)),
      limit,
    );
  }

  /** The places of all instances' entries. */
  private async places(
    homes: readonly Home[],
    before: ExecutionPlace | null,
    limit: number,
  ): Promise<readonly FoundPlace[]> {
    const found = await this.link.trip(() =>
      Promise.all(homes.map((home) => this.placesIn(home, before, limit))),
    );
    return merged(found.flat(), limit);
  }

  /** Those that ended in the very millisecond of the place are all looked at. */
  private async placesIn(home: Home, before: ExecutionPlace | null, limit: number): Promise<FoundPlace[]> {
    const [at, most] = before === null ? [null, '+inf'] : [before.finishedAt, `(${before.finishedAt}`];
    const page = ['WITHSCORES', 'LIMIT', 0, limit];
    const [same, older] = await Promise.all([
      at === null ? [] : this.link.command('zrevrangebyscore', home.ended, at, at, 'WITHSCORES'),
      this.link.command('zrevrangebyscore', home.ended, most, '-inf', ...page),
    ]);
    return [...placesOf(same), ...placesOf(older)]
      .filter((place) => before === null || newestFirst(place, before) > 0)
      .map((place) => ({ ...place, home }));
  }

  /** One whose line has been pruned meanwhile is left out. */
  private async read(places: readonly FoundPlace[]): Promise<ExecutionEntry[]> {
    const lines = await this.link.trip(() =>
      Promise.all(
        places.map((place) =>
          this.link.command('zrangebylex', place.home.history, ...rangeOfLine(place), 'LIMIT', 0, 1),
        ),
      ),
    );
    return places.flatMap(({ home: { task }, instance }, index) =>
      textsOf(lines[index]).map((line) => decodeLine({ task, instance }, line)),
    );
  }
}

/** The newest of what several homes have; what was written to two of them, because no answer came, is there once. */
function merged<T extends EntryPlace>(found: T[], limit: number): T[] {
  const sorted = found.sort(newestFirst);
  return sorted.filter((one, index) => !isSame(one, sorted[index - 1])).slice(0, limit);
}

const isSame = (one: EntryPlace, other: EntryPlace | undefined): boolean =>
  other !== undefined && newestFirst(one, other) === 0 && one.instance === other.instance;

/** Places and when they ended, as a sorted set answers its members with scores. */
function placesOf(answer: unknown): EntryPlace[] {
  const list = textsOf(answer);
  return list.flatMap((place, index) =>
    index % 2 === 0 ? (decodePlace(place, Number(list[index + 1])) ?? []) : [],
  );
}
