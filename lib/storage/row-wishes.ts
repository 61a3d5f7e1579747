import type {
  RenewAnswer,
  RenewRequest,
  ReseatRequest,
  ResumeRequest,
  TriggerRequest,
} from '../core/task-repository.js';
import type { RowKey, TaskRow } from '../core/task-row.js';
import * as transitions from '../core/task-transitions.js';
import type { Decide } from './decide.js';

// What clients and the holders of leases ask of rows that are there, wherever these are kept.

/** What a request makes of its row. */
export type Wish<Request> = (row: TaskRow, request: Request, now: number) => TaskRow;

export const pause: Wish<RowKey> = (row) => transitions.pause(row);

export const resume: Wish<ResumeRequest> = (row, { from, place, evenIfFree }, now) => {
  const held = evenIfFree === true && row.hold === null ? transitions.pause(row) : row;
  return transitions.resume(held, from, from === 'now' ? place(row, now) : null, now);
};

export const trigger: Wish<TriggerRequest> = (row, { args, origin }, now) =>
  transitions.trigger(row, args, now, origin);

export const renew: Wish<RenewRequest> = (row, request) => transitions.renew(row, request, request.until);

export const reseat: Wish<ReseatRequest> = (row, request) =>
  transitions.reseat(row, request, request.scheduledAt);

/** Each request about its own row; where there is none, there will be none. */
export const eachOf =
  <Request>(requests: readonly Request[], now: number, wish: Wish<Request>): Decide =>
  (row, index) => {
    const request = requests[index];
    return row === null || request === undefined ? row : wish(row, request, now);
  };

/** A decision, and what it noted of each request. A row may be decided about again: what was found out first does not count. */
export interface Noted {
  readonly decide: Decide;
  readonly noted: readonly boolean[];
}

/** Removes rows, and notes which were there. */
export function removal(keys: readonly RowKey[]): Noted {
  const noted = keys.map(() => false);
  return {
    noted,
    decide: (row, index) => {
      noted[index] = row !== null;
      return null;
    },
  };
}

/** Moves what is held to another occurrence, and notes which was. */
export function reseating(requests: readonly ReseatRequest[], now: number): Noted {
  const noted = requests.map(() => false);
  const each = eachOf(requests, now, reseat);
  return {
    noted,
    decide: (row, index) => {
      const reseated = each(row, index);
      noted[index] = reseated !== row;
      return reseated;
    },
  };
}

/** What has become of a lease that was to be renewed, by its row. */
export function renewAnswer(row: TaskRow | null, request: RenewRequest | undefined): RenewAnswer {
  if (row === null) return { kind: 'gone' };
  return row.leaseToken === request?.leaseToken && row.lockedUntil !== null
    ? { kind: 'renewed', until: row.lockedUntil }
    : { kind: 'lost' };
}
