export { PYNCETTE_CLOCK, PYNCETTE_REPOSITORY } from './nest/pyncette.constants.js';
export { PyncetteModule } from './nest/pyncette.module.js';
export {
  DynamicTask,
  Fixture,
  PartitionedTask,
  Task,
  WithHeartbeat,
} from './nest/decorators/task.decorator.js';
export type { TaskOptionsFactory } from './nest/decorators/task.decorator.js';
export { FixtureValue, TaskArgs, TaskCtx } from './nest/decorators/params.decorator.js';
export { PyncetteService } from './nest/pyncette.service.js';
export { PyncetteInstrumentation } from './nest/pyncette.instrumentation.js';
export type { DueInstance } from './nest/pyncette.instrumentation.js';
export type { ExecutionObserver, RepositoryOperation, SchedulingCall } from './engine/execution-observer.js';
export type { Execution } from './engine/execution.js';
export type { Outcome as ExecutionOutcome } from './engine/outcome.js';
export { TaskContext } from './nest/task-context.js';
export type { TaskInfo } from './nest/task-context.js';
export { ExecutionMode, FailureMode } from './core/task.js';
export type { MissedPolicy, TaskDefinition, TaskKind } from './core/task.js';
export { PyncetteFactory } from './nest/pyncette.factory.js';
export { memoryRepository } from './storage/memory.repository.js';
export type {
  PyncetteModuleAsyncOptions,
  PyncetteModuleOptions,
  PyncetteOptionsFactory,
} from './nest/interfaces/module-options.js';
export type {
  DynamicTaskOptions,
  HeartbeatOptions,
  InstanceOptions,
  MomentLike,
  PartitionedTaskOptions,
  RetryContext,
  RetryDecision,
  RetryOptions,
  TaskOptions,
} from './core/task-options.js';
export type {
  ExecutionPage,
  ExecutionRecord,
  ListExecutionsOptions,
} from './nest/interfaces/execution-record.js';
export type {
  BulkOptions,
  BulkProgress,
  HeldTaskFilter,
  ResumeTasksOptions,
  TaskFilter,
} from './nest/interfaces/task-filter.js';
export type { FixtureProvider, PyncetteFixtures } from './nest/interfaces/fixtures.js';
export type {
  CountTasksOptions,
  ListTasksOptions,
  ListUpcomingOptions,
  NextRunsOptions,
  TaskDescription,
  TaskError,
  TaskPage,
  TaskState,
} from './nest/interfaces/task-state.js';
export type {
  ArgsOf,
  ResumeOptions,
  TaskMethod,
  TaskReference,
  ScheduleProgress,
  ScheduleTasksOptions,
  TransactionOptions,
  TriggerOptions,
  TypedInstance,
  TypedInstanceOptions,
} from './nest/task-reference.js';
export type { PyncetteEvent } from './engine/scheduler-events.js';
export { SystemClock } from './core/clock.js';
export type { Clock } from './core/clock.js';
export type { DurationLike } from './core/duration.js';
export type { JsonObject, JsonValue } from './core/json.js';
export type { Schedule } from './core/schedule/schedule.js';
export {
  InvalidScheduleException,
  InvalidTaskException,
  LeaseLostException,
  PyncetteException,
  RepositoryException,
  ShutdownException,
  TaskNotFoundException,
  TaskTimeoutException,
} from './core/errors.js';
export type * from './core/task-repository.js';
export type { RowFilter, UpcomingRequest } from './core/row-requests.js';
export type {
  ExecutionEntry,
  ExecutionHistory,
  ExecutionPlace,
  ExecutionsRequest,
} from './core/execution-history.js';
export type { HistoryOptions } from './core/history-options.js';
/** The rules of a row, which every repository asks: a row and a call make the next row. For repositories of your own. */
export * as taskTransitions from './core/task-transitions.js';
export type { Hold, RowError, RowKey, TaskRow, Trigger } from './core/task-row.js';
export type { RowState } from './core/row-state.js';
export type { PyncetteStoreTypes, TransactionManager } from './nest/interfaces/store-types.js';
