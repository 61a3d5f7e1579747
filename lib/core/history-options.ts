import type { DurationLike } from './duration.js';
import type { OptionReader } from './read-option.js';

/** The module's `history`: what is remembered of executions that have ended, and for how long. */
export interface HistoryOptions {
  /** How long an execution is remembered after it has ended. Default seven days. */
  retention?: DurationLike;
  /** true: only executions that failed. Default false. */
  failuresOnly?: boolean;
}

/** The same, resolved. */
export interface HistorySettings {
  readonly retentionMs: number;
  readonly failuresOnly: boolean;
}

const NAMES = ['retention', 'failuresOnly'];
const DEFAULT_RETENTION_MS = 7 * 24 * 3_600_000;

/** The `history` of the module, null when it keeps none. */
export function readHistory(module: OptionReader): HistorySettings | null {
  const reader = module.within('history');
  if (reader === null) return null;
  reader.knowsOnly(NAMES);
  return Object.freeze({
    retentionMs: reader.duration('retention', DEFAULT_RETENTION_MS),
    failuresOnly: reader.flag('failuresOnly', false),
  });
}
