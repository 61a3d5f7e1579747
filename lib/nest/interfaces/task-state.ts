import type { DateTime } from 'luxon';
import type { JsonObject } from '../../core/json.js';
import type { RowState } from '../../core/row-state.js';
import type { Schedule } from '../../core/schedule/schedule.js';
import type { TaskDefinition, TaskKind } from '../../core/task.js';
import type { TaskReference } from '../task-reference.js';

/** The last failure of an instance. */
export interface TaskError {
  readonly name: string;
  readonly message: string;
  readonly at: DateTime;
}

/** An instance (or a static task) as the repository has it. */
export interface TaskState {
  readonly task: string;
  /** null for a static task. */
  readonly instanceName: string | null;
  readonly schedule: Schedule | null;
  /** The task's args with the instance's own merged over them. */
  readonly args: JsonObject;
  /** The occurrence that is next, in flight or retried, in the task's zone. */
  readonly scheduledAt: DateTime | null;
  readonly lockedUntil: DateTime | null;
  /** The process that is executing it. */
  readonly lockedBy: string | null;
  /** Leases spent on what was begun; 0 when nothing was. */
  readonly attempt: number;
  readonly state: RowState;
  readonly lastError: TaskError | null;
}

/** One page of `listTasks`. */
export interface TaskPage {
  readonly tasks: readonly TaskState[];
  /** Give it to `listTasks` for the next page; null: this is the last one. */
  readonly continuationToken: string | null;
}

/** What `listTasks` lists. */
export interface ListTasksOptions {
  /** Most instances of a page. Default 100. */
  limit?: number;
  continuationToken?: string | null;
  /** Only instances in this state. Default: all. */
  state?: RowState;
  /** Only instances whose names begin with this. Default: all. */
  namePrefix?: string;
}

/** What `countTasks` counts. */
export type CountTasksOptions = Pick<ListTasksOptions, 'state' | 'namePrefix'>;

/** What `listUpcoming` lists. */
export interface ListUpcomingOptions {
  /** Most instances. Default 100. */
  limit?: number;
  /** Only instances of these tasks. Default: of all tasks that this process knows. */
  tasks?: readonly TaskReference[];
}

/** How many moments `nextRuns` answers. */
export interface NextRunsOptions {
  /** At most so many. Default 10. */
  limit?: number;
}

/** A task that this process knows. */
export interface TaskDescription {
  readonly name: string;
  readonly kind: TaskKind;
  readonly schedule: Schedule | null;
  readonly options: TaskDefinition;
  readonly isEnabled: boolean;
  /** Class and method: `ReportTasks.daily`. */
  readonly declaredAt: string;
}
