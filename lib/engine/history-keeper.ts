import { setImmediate } from 'node:timers/promises';
import { apart, tracked } from '../core/clock.js';
import type { ExecutionEntry } from '../core/execution-history.js';
import type { SchedulerSettings } from '../core/scheduler-options.js';
import { Batcher } from './batcher.js';
import { type Outcome, rowError } from './outcome.js';
import type { RepositoryWatch } from './repository-watch.js';
import type { SchedulerEvents } from './scheduler-events.js';

/** An execution that has ended, apart from how. */
export type EndedExecution = Omit<ExecutionEntry, 'outcome' | 'error' | 'process'>;

/** Most entries that one step of pruning deletes. */
const STEP_SIZE = 1_000;

const HOUR_MS = 3_600_000;

/**
 * What is remembered of executions, and for how long. Most of it goes to the store with their settlements; the rest is gathered here.
 * Whatever fails here is said, and disturbs nothing: a call of the history says nothing about the store's health either.
 */
export class HistoryKeeper {
  private readonly batches: Batcher<ExecutionEntry, true>;
  private readonly recording = new Set<Promise<void>>();
  private pruning: Promise<void> = Promise.resolve();
  private isPruning = false;
  private isStopping = false;
  private isFailing = false;
  private nextPruneAt: number | null = null;

  constructor(
    private readonly settings: SchedulerSettings,
    private readonly watch: RepositoryWatch,
    private readonly events: SchedulerEvents,
    private readonly process: string,
  ) {
    this.batches = new Batcher((entries) => this.send(entries));
    if (settings.history !== null)
      events.subscribe((event) => {
        if (event.type === 'tick:finished') this.pruneIfDue(event.at);
      });
  }

  /** What is to be remembered; undefined: nothing. */
  entryOf(execution: EndedExecution, outcome: Outcome): ExecutionEntry | undefined {
    const { history } = this.settings;
    if (history === null || outcome.kind === 'interrupted') return undefined;
    const { process } = this;
    if (outcome.kind === 'succeeded')
      return history.failuresOnly ? undefined : { ...execution, outcome: 'succeeded', error: null, process };
    const { name, message } = rowError(outcome.error, execution.finishedAt);
    return { ...execution, outcome: 'failed', error: { name, message }, process };
  }

  /** Writes down an execution that no settlement follows, in the background, together with others. */
  record(entry: ExecutionEntry | undefined): void {
    if (entry === undefined) return;
    const done = tracked(this.settings.clock, 'writing the history', () => this.submit(entry));
    this.recording.add(done);
    void done.finally(() => this.recording.delete(done));
  }

  /** Resolves when all that was recorded is written, and no step of pruning is under way. */
  async flush(): Promise<void> {
    this.isStopping = true;
    while (this.recording.size > 0) await Promise.all(this.recording);
    await this.pruning;
    this.isStopping = false;
  }

  private async submit(entry: ExecutionEntry): Promise<void> {
    try {
      await this.batches.submit(entry);
      this.isFailing = false;
    } catch (error) {
      this.failed('written', error);
    }
  }

  private async send(entries: readonly ExecutionEntry[]): Promise<readonly true[]> {
    await this.watch.callWithin('history', async ({ history }) => history?.record(entries));
    return entries.map(() => true);
  }

  /** At a time of its own in each process, so that not all of them prune at once. */
  private pruneIfDue(now: number): void {
    const { history, clock } = this.settings;
    if (history === null || this.isPruning) return;
    const intervalMs = Math.min(HOUR_MS, history.retentionMs / 10);
    this.nextPruneAt ??= now + Math.random() * intervalMs;
    if (now < this.nextPruneAt) return;
    this.nextPruneAt = now + intervalMs;
    this.isPruning = true;
    const endedBefore = now - history.retentionMs;
    this.pruning = apart(clock, () =>
      tracked(clock, 'pruning the history', () => this.prune(endedBefore)),
    ).finally(() => (this.isPruning = false));
  }

  private async prune(endedBefore: number): Promise<void> {
    try {
      for (let deleted = 1; deleted > 0 && !this.isStopping; await setImmediate())
        deleted = await this.watch.callWithin(
          'history',
          async ({ history }) => (await history?.prune(endedBefore, STEP_SIZE)) ?? 0,
        );
    } catch (error) {
      this.failed('pruned', error);
    }
  }

  /** Said once, until something is written again. */
  private failed(what: string, error: unknown): void {
    if (!this.isFailing)
      this.events.notice(
        'warn',
        `The history of executions cannot be ${what}: ${error instanceof Error ? error.message : String(error)}`,
      );
    this.isFailing = true;
  }
}
