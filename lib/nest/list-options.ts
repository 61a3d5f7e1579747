import { didYouMean } from '../core/did-you-mean.js';
import { InvalidScheduleException } from '../core/errors.js';
import { isRecord, show } from '../core/read-option.js';
import type { RowState } from '../core/row-state.js';
import type { HeldTaskFilter, TaskFilter } from './interfaces/task-filter.js';

// What may be asked of listings and of what is done to many instances; everything else is refused.

const STATES: readonly RowState[] = ['scheduled', 'running', 'paused', 'parked'];
const HELD: readonly RowState[] = ['parked', 'paused'];
const FILTERS = ['state', 'namePrefix'];

/** @throws InvalidScheduleException when the options are no object, or one of them is unknown, naming what may have been meant */
export function checkKnown(options: object, names: readonly string[], what: string): void {
  if (!isRecord(options))
    throw new InvalidScheduleException(
      `${what} takes ${names.join(', ')} in an object, not ${show(options)}`,
    );
  for (const name of Object.keys(options))
    if (!names.includes(name))
      throw new InvalidScheduleException(`${what} knows no option '${name}'${didYouMean(name, names)}`);
}

/** The limit of a page, 100 unless given. */
export function limitOf({ limit = 100 }: { limit?: number }): number {
  if (Number.isSafeInteger(limit) && limit >= 1) return limit;
  throw new InvalidScheduleException(`limit is ${String(limit)}; it has to be a whole number from 1 on`);
}

/** What leads to the page after an instance. */
export const tokenAfter = (name: string): string => Buffer.from(name, 'utf8').toString('base64url');

/** Where a page begins; null: with the first instance. @throws InvalidScheduleException when `listTasks` never gave such a token */
export function nameAfter(token: string | null | undefined): string | null {
  if (token === null || token === undefined || token === '') return null;
  const name = Buffer.from(String(token), 'base64url').toString('utf8');
  if (tokenAfter(name) === token) return name;
  throw new InvalidScheduleException(
    'This continuationToken is none that listTasks() gave: leave it out for the first page',
  );
}

/** Which instances are meant. @throws InvalidScheduleException when it is none of the states, or no prefix */
export function filterOf({ state, namePrefix }: TaskFilter, states = STATES) {
  if (state !== undefined && state !== null && !states.includes(state))
    throw new InvalidScheduleException(
      `state is ${show(state)}; it has to be ${states.map(show).join(' or ')}${didYouMean(String(state), states)}`,
    );
  if (namePrefix !== undefined && namePrefix !== null && typeof namePrefix !== 'string')
    throw new InvalidScheduleException(`namePrefix is ${show(namePrefix)}; it has to be a string`);
  return { state: state ?? null, namePrefix: namePrefix ? namePrefix : undefined };
}

/** What `unscheduleTasks` removes: a filter that came out empty must not quietly mean everything. */
export function unscheduleFilter(filter: TaskFilter) {
  checkKnown(filter, FILTERS, 'The filter of unscheduleTasks()');
  const { state, namePrefix } = filterOf(filter);
  if (Object.keys(filter).length > 0 && state === null && namePrefix === undefined)
    throw new InvalidScheduleException(
      'Nothing in the filter of unscheduleTasks() has a value: give {} if all instances are meant',
    );
  return { state, namePrefix };
}

/** What `resumeTasks` resumes. */
export function resumeFilter(filter: HeldTaskFilter) {
  checkKnown(filter, FILTERS, 'The filter of resumeTasks()');
  const { state, namePrefix } = filterOf(filter, HELD);
  if (state !== 'parked' && state !== 'paused')
    throw new InvalidScheduleException("resumeTasks() needs a state: 'parked' or 'paused'");
  return { state, namePrefix };
}
