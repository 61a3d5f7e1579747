import { STATIC_INSTANCE, type TaskRow } from '../../core/task-row.js';
import { claimableAt } from '../../core/task-transitions.js';
import type { ExecutionEntry } from '../../core/execution-history.js';
import type { Cell } from './cells.js';
import type { HistoryLosses } from './history-losses.js';
import { encodeLine } from './history-text.js';
import type { Home, Keys } from './keys.js';
import type { Argument, Link } from './link.js';
import { partsOf } from '../parts.js';
import { encodeRow } from './row-text.js';
import { WRITE } from './scripts.js';
import { Versions } from './versions.js';

/** What is held is in its queue too, but never due. */
const HELD = '+inf';

/** Most rows that one script writes: nobody else is served meanwhile. */
const ROWS_AT_ONCE = 500;

/** What becomes of a row that was read. */
export interface Write {
  readonly cell: Cell;
  readonly row: TaskRow | null;
  /** What the history is to remember with it, whether it is still as it was read or not. */
  readonly executions?: readonly ExecutionEntry[];
}

/** How a write ended: what is stored now, or null where somebody else had written the row since it was read. */
export type Written = Cell | null;

/** Writes rows that are still as they were read. */
export class RowWriter {
  private readonly versions = new Versions();

  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
    private readonly losses: HistoryLosses,
  ) {}

  /** Where a write goes: rows stay in their home. */
  homeOf({ cell, row }: Write): Home {
    return cell.home ?? this.keys.home(cell.key.task, row?.queue ?? cell.key.task);
  }

  /**
   * All at once, each home by itself; answers each in turn. Homes that fail make it reject; `isPartial`: only if all do, for what
   * was written counts, and what was not is as if others had written it.
   */
  async write(writes: readonly Write[], isPartial = false): Promise<Written[]> {
    const written: Written[] = writes.map(() => null);
    const parts = this.grouped(writes).flatMap((group) =>
      [...partsOf(group.places, ROWS_AT_ONCE)].map((places) => ({ ...group, places })),
    );
    if (parts.length === 0) return written;
    await this.link.trip(async () => {
      const results = await Promise.allSettled(parts.map((part) => this.writePart(part, writes, written)));
      const failures = results.filter((result) => result.status === 'rejected');
      if (failures.length > (isPartial ? results.length - 1 : 0)) throw failures[0]?.reason;
    });
    return written;
  }

  private async writePart(
    { home, keys, places }: Part,
    writes: readonly Write[],
    written: Written[],
  ): Promise<void> {
    const args: Argument[] = [];
    const cells: Cell[] = [];
    for (const place of places) {
      const write = writes[place];
      if (write === undefined) continue;
      const { cell, row } = write;
      const version = row === null ? '' : this.versions.next();
      cells.push({ key: cell.key, home: row === null ? null : home, version, row, isRemembered: true });
      args.push(cell.key.instance, cell.version);
      if (row === null) args.push('', '');
      else args.push(version + encodeRow(row, home.queue), claimableAt(row) ?? HELD);
    }
    const executions = places.flatMap((place) => writes[place]?.executions ?? []);
    const refused = new Set(await this.send(home, keys, args, executions));
    places.forEach((place, index) => (written[place] = refused.has(index) ? null : (cells[index] ?? null)));
  }

  /** Answers which rows were not written. */
  private async send(
    home: Home,
    keys: readonly string[],
    rows: readonly Argument[],
    executions: readonly ExecutionEntry[],
  ): Promise<readonly number[]> {
    const answer =
      executions.length === 0
        ? await this.link.script(WRITE, keys, rows)
        : await this.link.script(
            WRITE,
            [...keys, home.ended, home.history],
            [...rows, ...executions.map(encodeLine), rows.length],
          );
    const [refused, trouble]: readonly unknown[] = Array.isArray(answer) ? answer : [];
    if (trouble) this.losses.lost(String(trouble));
    else if (executions.length > 0) this.losses.written();
    return Array.isArray(refused) ? refused.map(Number) : [];
  }

  private grouped(writes: readonly Write[]): Part[] {
    const groups: (Part & { readonly places: number[] })[] = [];
    writes.forEach((write, place) => {
      const home = this.homeOf(write);
      const before = write.cell.row?.queue ?? write.row?.queue ?? home.queue;
      const after = write.row?.queue ?? before;
      const isStatic = write.cell.key.instance === STATIC_INSTANCE;
      const [from, to] = [home.due(before, isStatic), home.due(after, isStatic)];
      const group = groups.find(({ keys }) => keys[0] === home.rows && keys[2] === from && keys[3] === to);
      if (group === undefined)
        groups.push({ home, keys: [home.rows, home.names, from, to], places: [place] });
      else group.places.push(place);
    });
    return groups;
  }
}

/** Writes with the same keys: which they are, by their places among all. */
interface Part {
  readonly home: Home;
  readonly keys: readonly string[];
  readonly places: readonly number[];
}
