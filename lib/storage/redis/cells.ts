import type { RowKey, TaskRow } from '../../core/task-row.js';
import type { Home } from './keys.js';
import { decodeRow } from './row-text.js';
import { versionOf } from './versions.js';

/** A key, and where its row may be. */
export interface Place extends RowKey {
  readonly home: Home;
}

/** Where a row is, or none, and as it was when it was read. */
export interface Cell {
  readonly key: RowKey;
  /** Null: nowhere. */
  readonly home: Home | null;
  /** By which a write knows that nobody has written since; `''`: there was no row. */
  readonly version: string;
  readonly row: TaskRow | null;
  /** Known from a write of our own, not read: others may have written since. */
  readonly isRemembered?: boolean;
}

/** What was read from a home under a key. */
export function cellOf(place: Place, stored: unknown): Cell {
  if (typeof stored !== 'string') return { key: place, home: null, version: '', row: null };
  const { home } = place;
  const version = versionOf(stored);
  return { key: place, home, version, row: decodeRow(place, home.queue, stored.slice(version.length)) };
}
