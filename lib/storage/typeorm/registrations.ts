import type { Registration } from '../../core/task-repository.js';
import type { RowKey, TaskRow } from '../../core/task-row.js';
import { schedule } from '../../core/task-transitions.js';
import { type Decide, type RowStore, textOf } from './row-store.js';
import type { Work } from './statement.js';
import type { Store } from './store.js';

/** Creates and updates rows, all at once. */
export function* registerRows(
  rows: RowStore,
  registrations: readonly Registration[],
  now: number,
): Work<readonly TaskRow[]> {
  const decide: Decide = (row, index) => {
    const registration = registrations[index];
    return registration === undefined ? row : schedule(row, registration, now);
  };
  return (yield* rows.upsert(registrations, decide)).filter((row) => row !== null);
}

/**
 * The same where one statement inserts what is new: most of what is scheduled is. What was there, and what is named twice, is decided
 * about under its lock.
 */
export async function insertOrRegister(
  { database: { connection }, statements, rows }: Store,
  registrations: readonly Registration[],
  now: number,
  limitMs: number,
): Promise<readonly TaskRow[]> {
  if (registrations.length === 0) return [];
  const created = new Map(
    registrations
      .toReversed()
      .map((registration) => [textOf(registration), schedule(null, registration, now)]),
  );
  const inOrder = [...created.values()].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  const inserted = new Set((await connection.read(() => statements.insertNew(inOrder))).map(textOf));
  const answers = registrations.map((key: RowKey) => {
    const isNew = inserted.delete(textOf(key));
    return isNew ? (created.get(textOf(key)) ?? null) : null;
  });
  const rest = registrations.filter((_, index) => answers[index] === null);
  const updated =
    rest.length === 0 ? [] : await connection.write(() => registerRows(rows, rest, now), limitMs);
  let place = 0;
  return answers.map((row) => row ?? updated[place++]).filter((row) => row !== undefined);
}
