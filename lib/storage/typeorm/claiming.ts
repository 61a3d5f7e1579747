import type { ClaimRequest, ClaimResult } from '../../core/task-repository.js';
import type { ServerStay } from '../server-time.js';
import type { Store } from './store.js';

/** Something that has the store's time in it. */
export interface TimedAnswer {
  readonly now: number;
  readonly stay?: ServerStay;
}

/** Asks the store for something that has its time in it, and learns the time from the answer. */
export type Timed = <T extends TimedAnswer>(ask: () => Promise<T>) => Promise<T>;

/** How one process claims what is due. */
export interface Claiming {
  /** `given`: the time that decides; null: the database's own. */
  claim(store: Store, request: ClaimRequest, given: number | null, timed: Timed): Promise<ClaimResult>;
}
