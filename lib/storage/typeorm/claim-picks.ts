import type { ClaimRequest, ClaimableTask } from '../../core/task-repository.js';
import type { RowKey } from '../../core/task-row.js';
import type { DueKey, Probe } from './probe-statements.js';

/** Which of the due rows to claim: oldest first within a task, the tasks in turn, so that a crowd of one keeps no other waiting. */
export interface Picks {
  readonly keys: readonly RowKey[];
  /** When the next row of a task that has room can be claimed; it has passed where more is due than may be claimed. */
  readonly nextDueAt: number | null;
}

/** `turn` says which task may begin; `spread`, from 0 to 1, where among the due rows of a task that are more than its limit. */
export function pickFairly(probe: Probe, request: ClaimRequest, turn: number, spread = 0): Picks {
  const shares = request.tasks.map((task) => shareOf(task, probe, spread));
  const start = shares.length === 0 ? 0 : turn % shares.length;
  const keys: RowKey[] = [];
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
  const hasRoom = ({ taken, limit, isTransactional }: Share): boolean =>
    taken < limit && !(isTransactional && transactions >= transactionLimit);
  const left = shares.flatMap((share) => (hasRoom(share) ? (share.due[share.taken]?.dueAt ?? []) : []));
  const next = Math.min(probe.nextDueAt ?? Number.POSITIVE_INFINITY, ...left);
  return { keys, nextDueAt: Number.isFinite(next) ? next : null };
}

interface Share {
  readonly due: readonly DueKey[];
  readonly limit: number;
  readonly isTransactional: boolean;
  taken: number;
}

/** A task may have its rows in several queues, each of them in order. */
function shareOf(
  { task, limit, isTransactional = false }: ClaimableTask,
  { due }: Probe,
  spread: number,
): Share {
  const own = due.filter((row) => row.task === task).sort((a, b) => a.dueAt - b.dueAt);
  const skipped = Math.floor(Math.max(0, own.length - limit) * spread);
  return {
    due: skipped === 0 ? own : [...own.slice(skipped), ...own.slice(0, skipped)],
    limit,
    isTransactional,
    taken: 0,
  };
}
