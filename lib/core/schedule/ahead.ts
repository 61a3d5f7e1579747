import type { Occurrences } from './schedule.js';

/** Which occurrences are wanted. */
export interface AheadRequest {
  /** The occurrence that is next: the first of the answer. */
  readonly from: number;
  /** Occurrences after the first that have passed by then are left out; null: all are wanted. */
  readonly notBefore: number | null;
  /** None after this moment. */
  readonly until?: number;
  readonly limit: number;
}

/** The occurrences that lie ahead, soonest first, as epoch milliseconds. */
export function occurrencesAhead(
  occurrences: Occurrences,
  { from, notBefore, until = Number.POSITIVE_INFINITY, limit }: AheadRequest,
): number[] {
  const found: number[] = [];
  for (let at: number | null = from; at !== null && at <= until && found.length < limit;) {
    found.push(at);
    at = occurrences.next(at, notBefore ?? undefined);
  }
  return found;
}
