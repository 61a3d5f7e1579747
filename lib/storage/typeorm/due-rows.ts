import type { TaskRow } from '../../core/task-row.js';
import type { ServerStay } from '../server-time.js';
import type { AskedQueue } from './claim-shares.js';
import type { RowChange } from './row-store.js';
import type { Work } from './statement.js';

/** When rows of a queue that were not taken can be claimed, as far as is known without reading all of them. */
export interface QueueMoments {
  /** The next moment after now at which one becomes due, or a lease ends. */
  readonly nextDueAt: number | null;
  /** When the oldest was due that could have been claimed; only said of queues that were merely looked at. */
  readonly overdueAt: number | null;
}

export const NO_MOMENTS: QueueMoments = { nextDueAt: null, overdueAt: null };

/** What one look at some queues has brought. */
export interface DueAnswer {
  /** The store's time of the look; leases are counted from it. */
  readonly now: number;
  /** The same with fractions of a millisecond, where the database says so. */
  readonly stay?: ServerStay;
  /** Rows as the look left them. */
  readonly rows: readonly TaskRow[];
  /** For each queue asked, in that order. */
  readonly moments: readonly QueueMoments[];
}

/** Rows that are held, and the store's time when they were found; null where none were. */
export interface HeldRows {
  readonly now: number | null;
  readonly rows: readonly TaskRow[];
  /** Where each of them is in the table, for the transaction that holds them; undefined: by its key. */
  readonly places?: readonly string[];
}

/** Each row is of one of two halves, always of the same. */
export const HALVES = [0, 1] as const;
export type Half = (typeof HALVES)[number];

/** Who leases rows, and what their tokens begin with. */
export interface Leasing {
  readonly owner: string;
  /** Never used before; each row's token is this and what tells it from the others of the same claim. */
  readonly batch: string;
}

/**
 * Rows that are due, found and taken without being named first. The conditions and the writes of `lease` are `isClaimable` and `claim` of
 * `task-transitions` in SQL; test/storage/due-rows.spec.ts holds them against these functions.
 *
 * `given` is the time that decides; null: the database's own.
 */
export interface DueRows {
  /**
   * Whether leasing takes a transaction of its own, whose lock a poll should not take in vain: then a claim looks before it leases, unless
   * more was due the last time.
   */
  readonly needsTransaction: boolean;
  /** Takes leases on the due rows of some queues, oldest first, as many of each as its share. */
  lease(asked: readonly AskedQueue[], leasing: Leasing, given: number | null): Work<DueAnswer>;
  /** Whether `hold` can be asked for one half of the rows. */
  readonly holdsHalves?: true;
  /** The same rows, held until the transaction ends instead of leased. */
  hold(asked: readonly AskedQueue[], given: number | null, half?: Half): Work<HeldRows>;
  /** Writes what becomes of held rows, in their order, as far as it knows how to do that faster than by their keys; answers the rest. */
  writeHeld?(held: HeldRows, changes: readonly RowChange[]): Work<readonly RowChange[]>;
}
