import type { ExecutionEntry, ExecutionPlace } from '../../core/execution-history.js';
import { isRecord } from '../../core/read-option.js';
import type { RowKey } from '../../core/task-row.js';
import type { Argument } from './link.js';

/** Above every byte of a text in UTF-8. */
const ABOVE_ALL = Buffer.of(0xff);

/** Digits of a moment, so that moments are in the order of their texts. */
export const MOMENT_LENGTH = 16;

/** Where an entry is among those of its task: its instance too. */
export type EntryPlace = ExecutionPlace & Pick<RowKey, 'instance'>;

/**
 * The line of an execution: it tells all of it, and by it those of an instance are in order. A script makes its place of it, by
 * which those that ended together are in order. Zeros stand between the parts: JSON holds none.
 */
export const encodeLine = (entry: ExecutionEntry): string => `${beginOf(entry)}${toldOf(entry)}`;

/** When it was, where it ran and, if it failed, why. */
function toldOf({ scheduledAt, startedAt, process, outcome, error }: ExecutionEntry): string {
  const told = `[${scheduledAt},${startedAt},${JSON.stringify(process)}`;
  return outcome === 'succeeded' ? `${told}]` : `${told},${JSON.stringify(error)}]`;
}

/** What the line of an instance's execution tells. What people have written into it by hand is ignored. */
export function decodeLine({ task, instance }: RowKey, line: string): ExecutionEntry {
  const rest = line.slice(line.indexOf('\0') + 1);
  const end = rest.lastIndexOf('\0');
  const told = parsed(rest.slice(end + 1));
  const [scheduledAt, startedAt, process, error]: readonly unknown[] = Array.isArray(told) ? told : [];
  return {
    task,
    instance,
    ...named(rest.slice(MOMENT_LENGTH, end)),
    finishedAt: Number(rest.slice(0, MOMENT_LENGTH)),
    scheduledAt: Number(scheduledAt ?? 0),
    startedAt: Number(startedAt ?? 0),
    outcome: error === undefined ? 'succeeded' : 'failed',
    error: isRecord(error) ? { name: String(error['name']), message: String(error['message']) } : null,
    process: String(process ?? ''),
  };
}

/** Whose execution is at a place; null: it is none that was written here. */
export function decodePlace(place: string, finishedAt: number): EntryPlace | null {
  const end = place.lastIndexOf('\0');
  const instance = parsed(place.slice(end + 1));
  return typeof instance === 'string' ? { ...named(place.slice(0, end)), finishedAt, instance } : null;
}

/** Where the one line of a place is. */
export const rangeOfLine = (place: EntryPlace): readonly [Argument, Argument] => rangeFrom(beginOf(place));

/** Where the lines of an instance are, those only that are older than a place. */
export function rangeOfInstance(
  instance: string,
  before: ExecutionPlace | null,
): readonly [Argument, Argument] {
  const [from, to] = rangeFrom(`${JSON.stringify(instance)}\0`);
  return [from, before === null ? to : `(${beginOf({ ...before, instance })}`];
}

const rangeFrom = (begin: string): readonly [Argument, Argument] => [
  `[${begin}`,
  Buffer.concat([Buffer.from(`(${begin}`), ABOVE_ALL]),
];

/** How a line begins. */
const beginOf = (place: EntryPlace): string =>
  `${JSON.stringify(place.instance)}\0${textOf(place.finishedAt)}${nameOf(place)}`;

const textOf = (moment: number): string =>
  String(Math.max(0, Math.trunc(moment))).padStart(MOMENT_LENGTH, '0');

/** An execution and its attempt: numbers are in order by how many digits they have, then by these. */
function nameOf({ executionId, attempt }: Pick<ExecutionPlace, 'executionId' | 'attempt'>): string {
  const digits = String(attempt);
  return `${executionId}\0${String.fromCharCode(96 + digits.length)}${digits}\0`;
}

function named(name: string): Pick<ExecutionPlace, 'executionId' | 'attempt'> {
  const end = name.lastIndexOf('\0');
  return { executionId: name.slice(0, end), attempt: Number(name.slice(end + 2)) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
