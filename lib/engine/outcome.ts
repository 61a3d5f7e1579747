import { type Clock, apart } from '../core/clock.js';
import type { Abortion } from './abortion.js';
import { ShutdownException, TaskTimeoutException } from '../core/errors.js';
import type { RowError } from '../core/task-row.js';
import { errorText } from '../core/text-of.js';

/** What the handler did. */
export type Outcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** It gave up because a shutdown asked it to: no failure, it runs again elsewhere. */
  | { readonly kind: 'interrupted' };

/** Waits for a handler; when `timeoutMs` passes first, its signal is aborted and that is a failure. */
export async function outcomeInTime(
  handler: Promise<unknown>,
  abort: Abortion,
  clock: Clock,
  timeoutMs: number,
  label: string,
): Promise<Outcome> {
  const timer = new AbortController();
  const late = apart(clock, () => clock.sleep(timeoutMs, timer.signal)).then(
    (): Outcome => ({ kind: 'failed', error: timedOut(abort, timeoutMs, label) }),
    () => settleHandler(handler, abort),
  );
  const outcome = settleHandler(handler, abort).finally(() => timer.abort());
  return Promise.race([outcome, late]);
}

/** Waits for a handler, however long it takes. */
export const settleHandler = (handler: Promise<unknown>, abort: Abortion): Promise<Outcome> =>
  handler.then(
    () => SUCCEEDED,
    (error: unknown) => rejected(error, abort),
  );

export const SUCCEEDED: Outcome = { kind: 'succeeded' };

/** What it means that a handler's promise was rejected. */
export const rejected = (error: unknown, abort: Abortion): Outcome =>
  abort.reason instanceof ShutdownException ? { kind: 'interrupted' } : { kind: 'failed', error };

function timedOut(abort: Abortion, timeoutMs: number, label: string): TaskTimeoutException {
  const error = new TaskTimeoutException(
    `${label} took longer than its timeout of ${timeoutMs} ms; its signal was aborted`,
  );
  abort.abort(error);
  return error;
}

/** The longest text kept of an error. */
const LONGEST_MESSAGE = 2_000;

/** What a row remembers of a failure. */
export function rowError(error: unknown, at: number): RowError {
  const { name, message } = errorText(error);
  return { name: name.slice(0, 255), message: message.slice(0, LONGEST_MESSAGE), at };
}
