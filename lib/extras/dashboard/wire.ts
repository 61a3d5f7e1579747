// What the server tells the page, as JSON; the page's own types are these. Moments are epoch milliseconds.

/** A moment, and what the wall clock in the task's zone shows then. */
export interface MomentView {
  readonly at: number;
  /** `2026-01-01 12:00:00` */
  readonly local: string;
  readonly zone: string;
}

/** An instance, or a static task, in a list. */
export interface InstanceView {
  readonly task: string;
  readonly instance: string | null;
  readonly schedule: string | null;
  readonly scheduledAt: MomentView | null;
  readonly lockedUntil: number | null;
  readonly lockedBy: string | null;
  readonly attempt: number;
  readonly state: 'scheduled' | 'running' | 'paused' | 'parked';
  readonly error: { readonly name: string; readonly message: string; readonly at: number } | null;
}

/** The same with what only its own page shows. */
export interface InstanceDetail extends InstanceView {
  /** JSON, as text. */
  readonly args: string;
  /** Its next occurrences. */
  readonly next: readonly MomentView[];
}

/** A task that this process knows. */
export interface TaskView {
  readonly name: string;
  readonly kind: 'static' | 'dynamic' | 'partitioned';
  readonly schedule: string | null;
  readonly timezone: string;
  readonly declaredAt: string;
  readonly isEnabled: boolean;
  /** Of a static task. */
  readonly instance: InstanceView | null;
  /** Of a template: whether it is paused as a whole. */
  readonly isPaused: boolean;
  /** Parked instances. */
  readonly parked: number;
}

/** What does not change from moment to moment. */
export interface Overview {
  readonly now: number;
  readonly process: string;
  readonly readOnly: boolean;
  readonly tasks: readonly TaskView[];
}

/** How many of what exists. */
export interface Count {
  readonly count: number;
}

export interface InstancePage {
  readonly instances: readonly InstanceView[];
  readonly next: string | null;
}

/** One finished attempt, from the history. */
export interface HistoryEntry {
  readonly id: string;
  readonly attempt: number;
  readonly scheduledAt: MomentView;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly outcome: 'succeeded' | 'failed';
  readonly error: { readonly name: string; readonly message: string } | null;
  readonly process: string;
}

export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  readonly next: string | null;
}

/** What one task does within the timeline's window. */
export interface Lane {
  readonly task: string;
  readonly dots: readonly number[];
  /** There are more than are told. */
  readonly isDense: boolean;
}

export interface Timeline {
  readonly now: number;
  readonly until: number;
  /** What is due next, soonest first. */
  readonly due: readonly InstanceView[];
  readonly lanes: readonly Lane[];
  /** More is due after this moment than is told; null: nothing is left out. */
  readonly knownUntil: number | null;
}

/** What happened within one second. */
export interface SecondView {
  readonly second: number;
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly missed: number;
  readonly lateSumMs: number;
  readonly lateMaxMs: number;
}

/** An execution of this process. */
export interface ExecutionView {
  readonly id: string;
  readonly task: string;
  readonly instance: string | null;
  readonly attempt: number;
  readonly scheduledAt: number;
  readonly startedAt: number;
  readonly durationMs: number | null;
  readonly outcome: 'running' | 'succeeded' | 'failed';
  readonly error: string | null;
}

/** What a task has done since this process started. */
export interface TaskTally {
  readonly task: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly lastAt: number | null;
  readonly lastOutcome: 'succeeded' | 'failed' | null;
}

/** What happened since the last frame; or everything that is still known. */
export interface Frame {
  /** Whether it replaces everything that was told before. */
  readonly isWhole: boolean;
  readonly now: number;
  readonly isHealthy: boolean;
  readonly isStoreFailing: boolean;
  readonly inFlight: number;
  /** Counts changes of rows that people or the scheduler made: what was listed is worth asking for again. */
  readonly changes: number;
  readonly seconds: readonly SecondView[];
  readonly tallies: readonly TaskTally[];
  /** The latest that ended. */
  readonly ended: readonly ExecutionView[];
  /** Those that have been running for longest. */
  readonly running: readonly ExecutionView[];
}

/** What the page can ask for. */
export type ActionName = 'trigger' | 'pause' | 'resume' | 'unschedule' | 'retry' | 'retry-parked';

export interface ActionRequest {
  readonly task: string;
  readonly instance: string | null;
}

/** How many instances an action has changed. */
export interface ActionResult {
  readonly changed: number;
}

export interface ErrorView {
  readonly message: string;
}
