import type { SchedulerSettings } from '../core/scheduler-options.js';
import type { RenewAnswer, RenewRequest } from '../core/task-repository.js';
import type { Batcher } from './batcher.js';
import type { FailureDecisions } from './failure-decision.js';
import type { HistoryKeeper } from './history-keeper.js';
import type { RepositoryWatch } from './repository-watch.js';
import type { SchedulerEvents } from './scheduler-events.js';
import type { Settler } from './settler.js';

/** What the parts of one scheduler share. */
export interface EngineContext {
  readonly settings: SchedulerSettings;
  readonly watch: RepositoryWatch;
  readonly events: SchedulerEvents;
  readonly settler: Settler;
  readonly failures: FailureDecisions;
  readonly history: HistoryKeeper;
  readonly renewals: Batcher<RenewRequest, RenewAnswer>;
  /** Who holds our leases, for people: host, process and a random part. */
  readonly owner: string;
}
