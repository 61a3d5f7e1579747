import type { RowState } from '../../core/row-state.js';
import type { ResumeOptions } from '../task-reference.js';

/** Which instances of a template `unscheduleTasks` removes; `{}` means all of them. */
export interface TaskFilter {
  /** Only instances in this state. */
  state?: RowState;
  /** Only instances whose names begin with this. */
  namePrefix?: string;
}

/** Which instances `resumeTasks` resumes. */
export interface HeldTaskFilter {
  /** Those held by their failures (`'parked'`), or by a person (`'paused'`). */
  state: 'parked' | 'paused';
  /** Only instances whose names begin with this. */
  namePrefix?: string;
}

/** How far it is. */
export interface BulkProgress {
  /** How many instances were changed so far. */
  readonly done: number;
  /** How many fitted the filter when it began. */
  readonly total: number;
}

/** Options of `unscheduleTasks()`. */
export interface BulkOptions {
  /** Called after each step, of at most a thousand instances: for a progress bar. */
  onProgress?: (progress: BulkProgress) => void;
}

/** Options of `resumeTasks()`. */
export interface ResumeTasksOptions extends BulkOptions, ResumeOptions {}
