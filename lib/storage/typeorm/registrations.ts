import type { Registration } from '../../core/task-repository.js';
import type { TaskRow } from '../../core/task-row.js';
import { schedule } from '../../core/task-transitions.js';
import type { PostgresNewRows } from './new-rows-postgres.js';
import { type Decide, type RowStore, textOf } from './row-store.js';
import type { Work } from './statement.js';
import type { Store } from './store.js';

/** A row that may be new, and which of the registrations asks for it. */
interface Candidate {
  readonly text: string;
  readonly row: TaskRow;
  readonly index: number;
}

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
  store: Store,
  newRows: PostgresNewRows,
  registrations: readonly Registration[],
  now: number,
  limitMs: number,
): Promise<readonly TaskRow[]> {
  if (registrations.length === 0) return [];
  const { connection } = store.database;
  const answers = await inserted(store, newRows, registrations, now);
  const rest = registrations.filter((_, index) => answers[index] === undefined);
  if (rest.length > 0) {
    const updated = await connection.write(() => registerRows(store.rows, rest, now), limitMs);
    let place = 0;
    registrations.forEach((_, index) => (answers[index] ??= updated[place++]));
  }
  return answers.filter((row) => row !== undefined);
}

/** What was inserted, each in the place of its registration. */
async function inserted(
  { database: { connection } }: Store,
  newRows: PostgresNewRows,
  registrations: readonly Registration[],
  now: number,
): Promise<(TaskRow | undefined)[]> {
  const candidates = candidatesOf(registrations, now);
  const rows = candidates.map(({ row }) => row);
  const left = await connection.read(() => newRows.insert(rows));
  const answers = registrations.map((): TaskRow | undefined => undefined);
  for (const { text, row, index } of candidates) if (!left.has(text)) answers[index] = row;
  return answers;
}

/** Each key once, as the first registration of it asks, in the one order in which everybody takes locks. */
function candidatesOf(registrations: readonly Registration[], now: number): readonly Candidate[] {
  const candidates = new Map<string, Candidate>();
  registrations.forEach((registration, index) => {
    const text = textOf(registration);
    if (!candidates.has(text)) candidates.set(text, { text, row: schedule(null, registration, now), index });
  });
  return [...candidates.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
}
