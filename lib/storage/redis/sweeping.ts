import { partsOf } from '../parts.js';
import type { DuePlace } from './due-findings.js';
import type { Link } from './link.js';
import { SWEEP } from './scripts.js';

/** Most names that one script looks at: nobody else is served meanwhile. */
const NAMES_AT_ONCE = 500;

/**
 * Takes names out of queues that have no row: rows were deleted by hand, or by a server that evicts keys. Left there, they would be due
 * for ever, before everything that becomes due later.
 */
export class Sweeping {
  /** What the last claim did not get. */
  private missed = new Set<string>();

  constructor(private readonly link: Link) {}

  /** Told what a claim did not get. The first time somebody else has probably taken it: at the second it is swept, if it has no row. */
  async learn(places: readonly DuePlace[]): Promise<void> {
    const before = this.missed;
    this.missed = new Set(places.map(nameOf));
    const again = places.filter((place) => before.has(nameOf(place)));
    const rows = new Map(again.map(({ queueKey, home }) => [queueKey, home.rows]));
    for (const [queue, key] of rows) {
      const names = again.filter(({ queueKey }) => queueKey === queue).map(({ instance }) => instance);
      await this.sweep(key, queue, names);
    }
  }

  /** `rows`, `queue`: keys. */
  async sweep(rows: string, queue: string, names: readonly string[]): Promise<void> {
    for (const some of partsOf(names, NAMES_AT_ONCE))
      await this.link.trip(() => this.link.script(SWEEP, [rows, queue], some));
  }
}

const nameOf = ({ queueKey, instance }: DuePlace): string => `${queueKey} ${instance}`;
