import type { Store } from '../store.js';
import type { Moments } from '../moments.js';
import type { Census } from '../census.js';

/** What doctor has found about one thing. */
export interface Finding {
  readonly check: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string | null;
}

export const ok = (check: string, message: string): Finding => ({
  check,
  level: 'ok',
  message,
  remedy: null,
});

export const warn = (check: string, message: string, remedy: string): Finding => ({
  check,
  level: 'warn',
  message,
  remedy,
});

export const fail = (check: string, message: string, remedy: string): Finding => ({
  check,
  level: 'fail',
  message,
  remedy,
});

/** What checks look at. */
export interface Examination {
  readonly store: Store;
  readonly census: Census;
  readonly moments: Moments;
  /** The store's time when it began. */
  readonly now: number;
  /** Overdue for longer is a failure. */
  readonly lateMs: number;
  /** The tasks that the application has; null: nobody has said. */
  readonly known: readonly string[] | null;
}

/** One question that doctor asks. */
export type Check = (examination: Examination) => Promise<readonly Finding[]>;
