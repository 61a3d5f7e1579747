import type { Occurrences, Schedule } from './schedule/schedule.js';
import { stableFraction } from './stable-hash.js';
import type { MissedPolicy, RetryPolicy, TaskDefinition } from './task.js';
import { FailureMode } from './task.js';
import type { Settlement } from './task-repository.js';
import type { RowError } from './task-row.js';

// Outcome → settlement: what becomes of a row when its execution has ended. The rules of `missed`, `failureMode` and `retry`.

/** What is settled: an occurrence (or a triggered run) of one instance, and how it came to be. */
export interface Settled {
  readonly task: TaskDefinition;
  readonly schedule: Schedule;
  readonly occurrences: Occurrences;
  /** The occurrence that was run; null for a triggered run of a finished once-off. */
  readonly occurrenceAt: number | null;
  readonly jitterMs: number;
  readonly attempt: number;
  readonly executionId: string;
}

/** Until when occurrences have passed, as of `now`: one that its jitter delays passes when it is due, not before. */
export const passedBy = (now: number, jitterMs: number): number => now - jitterMs;

/** The next occurrence after `at`, as of `now`: what passed meanwhile is dropped or not as `missed` says. */
export function nextOccurrence(
  occurrences: Occurrences,
  at: number,
  now: number,
  policy: MissedRule,
): number | null {
  if (policy.missed === 'all') return occurrences.next(at);
  if (policy.missed === 'once') return occurrences.next(at, now);
  const following = occurrences.next(at);
  return following === null ? null : latestInTime(occurrences, following, now, policy.maxLatenessMs);
}

/** What decides about missed occurrences. */
export interface MissedRule {
  readonly missed: MissedPolicy;
  readonly maxLatenessMs: number;
}

/** Of the occurrences from `at` on that have passed, the latest if it is not too late, else the next one. */
export function latestInTime(
  occurrences: Occurrences,
  at: number,
  now: number,
  maxLatenessMs: number,
): number | null {
  if (at > now) return at;
  const latest = occurrences.latest(at, now);
  return now - latest <= maxLatenessMs ? latest : occurrences.next(latest);
}

/** How many other occurrences had passed with `at` when it began, as of `now`. */
export function missedBeside(occurrences: Occurrences, at: number, now: number): number {
  return now > at ? occurrences.count(at, now) : 0;
}

/** It is over: on to the next occurrence. */
export function settleDone(settled: Settled, now: number, error: RowError | null): Settlement {
  const { task, occurrences, occurrenceAt: at } = settled;
  const next = at === null ? null : nextOccurrence(occurrences, at, passedBy(now, settled.jitterMs), task);
  return { kind: 'done', next, jitterMs: settled.jitterMs, error };
}

/** What was decided about one failure; `retry` leaves it to the task's `retry` or `failureMode`. */
export type FailureDecision =
  { readonly kind: 'retry' | 'commit' | 'park' } | { readonly kind: 'delay'; readonly delayMs: number };

/** It failed: what was decided about that failure, else what the task's `retry` or `failureMode` says. `beganAt` is when the attempt began. */
export function settleFailed(
  settled: Settled,
  beganAt: number,
  pollIntervalMs: number,
  error: RowError,
  decision: FailureDecision,
): Settlement {
  const { task, attempt } = settled;
  const now = error.at;
  if (decision.kind === 'park') return { kind: 'park', error };
  if (decision.kind === 'commit') return settleDone(settled, now, error);
  if (task.retry !== null) {
    if (attempt >= task.retry.maxAttempts) return settleExhausted(settled, now, error);
    const delayMs =
      decision.kind === 'delay'
        ? Math.min(decision.delayMs, LONGEST_DELAY_MS)
        : retryDelay(task.retry, attempt, settled.executionId);
    return { kind: 'retry', dueAt: now + delayMs, error };
  }
  switch (task.failureMode) {
    case FailureMode.NONE:
      return { kind: 'keep', error };
    case FailureMode.UNLOCK:
      return { kind: 'retry', dueAt: Math.max(now, beganAt + pollIntervalMs), error };
    case FailureMode.COMMIT:
      return settleDone(settled, now, error);
  }
}

/** All attempts are spent: a recurring instance goes on and a once-off one is parked, unless the policy says otherwise. */
export function settleExhausted(settled: Settled, now: number, error: RowError | null): Settlement {
  const exhausted = settled.task.retry?.exhausted ?? (settled.schedule.kind === 'once' ? 'park' : 'commit');
  return exhausted === 'park' ? { kind: 'park', error } : settleDone(settled, now, error);
}

/** Whether crashes have spent all attempts, so that what was claimed must not be started. */
export function isExhausted(task: TaskDefinition, attempt: number): boolean {
  return task.retry !== null && attempt > task.retry.maxAttempts;
}

/** How long after the failure of `attempt` the next one is due. */
export function retryDelay(retry: RetryPolicy, attempt: number, executionId: string): number {
  const grown =
    retry.backoff === 'exponential' ? retry.delayMs * 2 ** Math.min(attempt - 1, 60) : retry.delayMs;
  const spread = retry.jitter === 0 ? 0 : grown * retry.jitter * stableFraction(`${executionId}/${attempt}`);
  return Math.round(Math.min(grown + spread, retry.maxDelayMs ?? Number.POSITIVE_INFINITY, LONGEST_DELAY_MS));
}

/** A hundred years: what an unbounded back-off is cut off at, so that moments stay representable. */
const LONGEST_DELAY_MS = 100 * 365 * 24 * 3_600_000;
