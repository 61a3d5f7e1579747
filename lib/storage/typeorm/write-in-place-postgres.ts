import { RepositoryException } from '../../core/errors.js';
import { arrayOf, unnest } from './dialects/lists.js';
import { type RowChange, type RowUpdate, isUpdate } from './row-store.js';
import { type Work, query } from './statement.js';
import { COLUMNS } from './task-columns.js';

const MOVED = ['due_at', 'scheduled_at'];
const KEPT = COLUMNS.filter(({ name }) => !MOVED.includes(name));

/** A row that goes on to its next occurrence, and is otherwise as it was. */
const isMove = (change: RowChange): change is RowUpdate =>
  isUpdate(change) && KEPT.every(({ encode }) => encode(change.before) === encode(change.after));

/**
 * What becomes of rows that the transaction holds, written by where they are in the table: no index is asked for them. Answers what neither
 * merely moves on nor goes.
 */
export function* writeInPlace(
  table: string,
  places: readonly string[],
  changes: readonly RowChange[],
): Work<readonly RowChange[]> {
  const moves: { readonly place: string; readonly to: RowUpdate['after'] }[] = [];
  const deleted: string[] = [];
  const rest = changes.filter((change, index) => {
    const place = places[index];
    if (place === undefined) return true;
    if (change.after === null) deleted.push(place);
    else if (isMove(change)) moves.push({ place, to: change.after });
    else return true;
    return false;
  });
  yield* written(`DELETE FROM ${table} WHERE ctid = ANY (?::tid[])`, [deleted]);
  yield* written(
    `UPDATE ${table} t SET due_at = n.due, scheduled_at = n.scheduled FROM ${unnest(['tid', 'bigint', 'bigint'])} AS n (place, due, scheduled) WHERE t.ctid = n.place`,
    [moves.map(({ place }) => place), moves.map(({ to }) => to.dueAt), moves.map(({ to }) => to.scheduledAt)],
  );
  return rest;
}

/** Rows that are held are where they were. */
function* written(sql: string, lists: readonly (readonly (string | number | null)[])[]): Work<void> {
  const count = lists[0]?.length ?? 0;
  if (count === 0) return;
  const { affected } = yield* query(sql, lists.map(arrayOf));
  if (affected !== count)
    throw new RepositoryException(
      `${count - affected} of ${count} rows that were held are not where they were`,
    );
}
