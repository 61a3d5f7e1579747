import type { RowState } from './row-state.js';

/** Which rows of one task are meant. */
export interface RowFilter {
  readonly task: string;
  readonly isStatic: boolean;
  /** Only rows in this state; null: all. */
  readonly state: RowState | null;
  /** Only instances whose names begin with this, byte by byte. Not given: all. */
  readonly namePrefix?: string;
  /** All queues of the task; where a store may look for those that are held. Not given: not known. */
  readonly queues?: readonly string[];
}

/** Of which tasks the next due rows are wanted. */
export interface UpcomingRequest {
  readonly tasks: readonly {
    readonly task: string;
    readonly isStatic: boolean;
    /** All queues of the task, those included that this process does not poll. */
    readonly queues: readonly string[];
  }[];
  /** Most rows in all, from 1 on. */
  readonly limit: number;
}
