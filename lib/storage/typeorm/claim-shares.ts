import type { ClaimRequest, ClaimableTask } from '../../core/task-repository.js';

/** One queue that a claim asks, and how many rows it may take from there; 0: it is only looked at. */
export interface AskedQueue {
  readonly task: ClaimableTask;
  readonly queue: string;
  readonly share: number;
}

/** A queue is known to be busy when it had more due than a claim could take. */
export type BusyQueues = ReadonlySet<string>;

/** Of the limit, what is kept for queues that were not busy when they were last asked: one of ten. */
const RESERVED = 0.1;

/**
 * Divides what may be claimed among the queues before anything is known of what is due: those that were busy share most of it, each of
 * the others gets one row as long as there are any. So a crowd of one task keeps no other waiting, and one statement is enough.
 *
 * @param turn which queue may begin where there are more queues than rows to claim
 */
export function divide(request: ClaimRequest, busy: BusyQueues, turn: number): readonly AskedQueue[] {
  const places = placesOf(request);
  const budget = new Budget(request);
  const inTurn = rotated(places, turn);
  const [crowded, quiet] = [inTurn.filter(isIn(busy)), inTurn.filter((place) => !busy.has(place.queue))];
  if (crowded.length > 0) budget.giveOneEach(quiet, Math.ceil(request.limit * RESERVED));
  budget.giveEvenly(crowded.length > 0 ? crowded : quiet);
  return places.map(({ task, queue, share }) => ({ task, queue, share }));
}

interface Place {
  readonly task: ClaimableTask;
  readonly queue: string;
  share: number;
}

const placesOf = ({ tasks }: ClaimRequest): Place[] =>
  tasks.flatMap((task) => task.queues.map((queue) => ({ task, queue, share: 0 })));

const isIn =
  (busy: BusyQueues) =>
  ({ queue }: Place): boolean =>
    busy.has(queue);

const rotated = <T>(list: readonly T[], turn: number): readonly T[] => {
  const start = list.length === 0 ? 0 : turn % list.length;
  return start === 0 ? list : [...list.slice(start), ...list.slice(0, start)];
};

/** What is left of the limits while shares are given out. */
class Budget {
  private left: number;
  private transactionsLeft: number;
  private readonly leftOfTask = new Map<ClaimableTask, number>();

  constructor({ limit, tasks, transactionLimit }: ClaimRequest) {
    this.left = limit;
    this.transactionsLeft = transactionLimit ?? Number.POSITIVE_INFINITY;
    for (const task of tasks) this.leftOfTask.set(task, task.limit);
  }

  /** No more than `atMost` of them. */
  giveOneEach(places: readonly Place[], atMost: number): void {
    let given = 0;
    for (const place of places) {
      if (given >= atMost) return;
      given += this.give(place, 1);
    }
  }

  giveEvenly(places: readonly Place[]): void {
    let open = places;
    while (open.length > 0 && this.left > 0) {
      const each = Math.max(1, Math.floor(this.left / open.length));
      open = open.filter((place) => this.give(place, each) === each);
    }
  }

  private give(place: Place, wanted: number): number {
    const { task } = place;
    const ofTask = this.leftOfTask.get(task) ?? 0;
    const transactions = task.isTransactional === true ? this.transactionsLeft : Number.POSITIVE_INFINITY;
    const given = Math.max(0, Math.min(wanted, this.left, ofTask, transactions));
    place.share += given;
    this.left -= given;
    this.leftOfTask.set(task, ofTask - given);
    if (task.isTransactional === true) this.transactionsLeft -= given;
    return given;
  }
}
