import type { ClaimRequest, ClaimableTask } from '../core/task-repository.js';
import type { RowKey } from '../core/task-row.js';

/** What a poll has found, before anything is claimed. */
export interface Probe<Key extends DueKey = DueKey> {
  /** Rows that can be claimed now, oldest due first for each queue. */
  readonly due: readonly Key[];
  /** The earliest moment after now at which something else may be claimed. */
  readonly nextDueAt: number | null;
  /** The store's time at the probe. */
  readonly now: number;
}

export interface DueKey extends RowKey {
  readonly dueAt: number;
}

/** Which of the due rows to claim: oldest first within a task, the tasks in turn, so that a crowd of one keeps no other waiting. */
export interface Picks<Key extends DueKey = DueKey> {
  readonly keys: readonly Key[];
  /** When the next row of a task that has room can be claimed; it has passed where more is due than may be claimed. */
  readonly nextDueAt: number | null;
}

/** `turn` says which task may begin; `spread`, from 0 to 1, where among the due rows of a task that are more than its limit. */
export function pickFairly<Key extends DueKey>(
  probe: Probe<Key>,
  request: ClaimRequest,
  turn: number,
  spread = 0,
): Picks<Key> {
  const shares = request.tasks.map((task) => shareOf(task, probe, spread));
  const start = shares.length === 0 ? 0 : turn % shares.length;
  const keys: Key[] = [];
  const { transactionLimit = Number.POSITIVE_INFINITY } = request;
  let transactions = 0;
  let inTurn = [...shares.slice(start), ...shares.slice(0, start)];
  while (inTurn.length > 0) {
    inTurn = inTurn.filter((share) => {
      if (share.taken >= share.limit || keys.length >= request.limit) return false;
      const next = share.due[share.taken];
      if (next === undefined || (share.isTransactional && transactions >= transactionLimit)) return false;
      share.taken++;
      if (share.isTransactional) transactions++;
      keys.push(next);
      return true;
    });
  }
  const hasRoom = ({ taken, limit, isTransactional }: Share<Key>): boolean =>
    taken < limit && !(isTransactional && transactions >= transactionLimit);
  const left = shares.flatMap((share) => (hasRoom(share) ? (share.due[share.taken]?.dueAt ?? []) : []));
  const next = Math.min(probe.nextDueAt ?? Number.POSITIVE_INFINITY, ...left);
  return { keys, nextDueAt: Number.isFinite(next) ? next : null };
}

interface Share<Key extends DueKey> {
  readonly due: readonly Key[];
  readonly limit: number;
  readonly isTransactional: boolean;
  taken: number;
}

/** A task may have its rows in several queues, each of them in order. */
function shareOf<Key extends DueKey>(
  { task, limit, isTransactional = false }: ClaimableTask,
  { due }: Probe<Key>,
  spread: number,
): Share<Key> {
  const own = due.filter((row) => row.task === task).sort((a, b) => a.dueAt - b.dueAt);
  const skipped = Math.floor(Math.max(0, own.length - limit) * spread);
  return {
    due: skipped === 0 ? own : [...own.slice(skipped), ...own.slice(0, skipped)],
    limit,
    isTransactional,
    taken: 0,
  };
}
