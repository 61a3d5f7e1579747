/*
 * What should run when, said as simply as possible and apart from the library: one instance, a list of occurrences on a grid, and
 * what happened to the processes that had it. Nothing of lib may be used here, or the model would agree with any fault in it.
 */

export interface ModelTask {
  readonly schedule: { readonly kind: 'interval' | 'cron' | 'once'; readonly everyMs: number };
  readonly mode: 'at-least-once' | 'at-most-once';
  readonly onFailure: 'none' | 'unlock' | 'commit' | ModelRetry;
  readonly missed: 'once' | 'all' | 'skip';
  readonly leaseMs: number;
  readonly hasHeartbeat: boolean;
  /** What the nth handler to start does. */
  readonly runs: readonly { readonly takesMs: number; readonly fails: boolean }[];
}

export interface ModelRetry {
  readonly maxAttempts: number;
  readonly delayMs: number;
  readonly backoff: 'fixed' | 'exponential';
  readonly exhausted: 'commit' | 'park' | null;
}

/** Nothing is claimed within (from, to]. `crash`: what is in flight dies; `stop`: it drains; `away`: nothing was in flight. */
export interface Gap {
  readonly kind: 'crash' | 'stop' | 'away' | 'dies-at-claim';
  readonly from: number;
  readonly to: number;
}

export interface Start {
  readonly at: number;
  readonly scheduledAt: number;
  readonly attempt: number;
}

export const POLL_MS = 1_000;
export const MAX_LATENESS_MS = 1_500;

/** The starts from `zero`, when the instance was first scheduled, to `end`. */
export function expectedStarts(task: ModelTask, gaps: readonly Gap[], zero: number, end: number): Start[] {
  const starts: Start[] = [];
  const grid = gridOf(task, zero);
  const deaths = new Set<Gap>();
  let occurrence: number | null = grid.first;
  let ready = grid.first;
  let attempt = 0;
  let now = zero;

  const goOn = (next: number | null): void => {
    occurrence = next;
    ready = next ?? Number.POSITIVE_INFINITY;
    attempt = 0;
  };

  while (occurrence !== null) {
    now = onceAlive(gaps, deaths, Math.max(ready, now));
    if (now > end) break;
    attempt++;
    const death = gaps.find(
      (gap) => gap.kind === 'dies-at-claim' && now > gap.from && now <= gap.to && !deaths.has(gap),
    );
    if (death !== undefined) {
      // Claimed, and the process is gone before anything starts: a lease is spent; at most once, an occurrence is.
      deaths.add(death);
      if (task.mode === 'at-most-once')
        goOn(grid.following(grid.seated(occurrence, now, true) ?? occurrence, now));
      else ready = now + task.leaseMs;
      continue;
    }
    if (typeof task.onFailure === 'object' && attempt > task.onFailure.maxAttempts) {
      goOn(afterExhaustion(task, task.onFailure, occurrence, now));
      continue;
    }
    const seated = grid.seated(occurrence, now, attempt === 1);
    if (seated === null) {
      goOn(grid.following(occurrence, now));
      continue;
    }
    occurrence = seated;
    const run = task.runs[starts.length % task.runs.length] ?? { takesMs: 0, fails: false };
    starts.push({ at: now, scheduledAt: occurrence, attempt });
    if (task.mode === 'at-most-once') {
      goOn(grid.following(occurrence, now));
      continue;
    }
    const ended = endOf(task, gaps, now, run.takesMs);
    const taken = onceAlive(gaps, deaths, ended.lockedUntil);
    if (!ended.settles || taken < ended.at) ready = ended.lockedUntil;
    else if (!run.fails) goOn(grid.following(occurrence, (now = ended.at)));
    else {
      const failedAt = ended.at;
      if (typeof task.onFailure === 'object') {
        const { delayMs, maxAttempts, backoff } = task.onFailure;
        if (attempt >= maxAttempts) goOn(afterExhaustion(task, task.onFailure, occurrence, failedAt));
        else ready = failedAt + delayMs * (backoff === 'exponential' ? 2 ** (attempt - 1) : 1);
      } else if (task.onFailure === 'none') ready = ended.lockedUntil;
      else if (task.onFailure === 'unlock') ready = Math.max(failedAt, now + POLL_MS);
      else goOn(grid.following(occurrence, failedAt));
      now = failedAt;
    }
  }
  return starts;

  function afterExhaustion(of: ModelTask, retry: ModelRetry, at: number, when: number): number | null {
    const exhausted = retry.exhausted ?? (of.schedule.kind === 'once' ? 'park' : 'commit');
    return exhausted === 'park' ? null : grid.following(at, when);
  }
}

/** From `at` on, the first moment at which somebody claims. */
function onceAlive(gaps: readonly Gap[], deaths: ReadonlySet<Gap>, at: number): number {
  for (const gap of gaps) {
    const isDown = gap.kind !== 'dies-at-claim' || deaths.has(gap);
    if (isDown && at > gap.from && at <= gap.to) at = gap.to;
  }
  return at;
}

/** When a handler that starts at `at` ends, whether its end is heard of, and when its lease is over if it is not. */
function endOf(task: ModelTask, gaps: readonly Gap[], at: number, takesMs: number) {
  const fate = gaps.find((gap) => gap.kind !== 'dies-at-claim' && gap.from >= at);
  const diesAt = fate?.kind === 'crash' ? fate.from : Number.POSITIVE_INFINITY;
  const endsAt = at + takesMs;
  const beatsUntil = Math.min(endsAt, diesAt);
  let lockedUntil = at + task.leaseMs;
  if (task.hasHeartbeat) {
    const everyMs = Math.ceil(task.leaseMs / 2);
    const beats = Math.floor((beatsUntil - at) / everyMs);
    lockedUntil += beats * everyMs;
  }
  return { at: endsAt, settles: endsAt <= diesAt, lockedUntil };
}

/** The occurrences of a schedule and what `missed` makes of those that have passed. */
function gridOf(task: ModelTask, zero: number) {
  const { kind, everyMs } = task.schedule;
  const first = kind === 'cron' ? (Math.floor(zero / everyMs) + 1) * everyMs : zero + everyMs;
  const isOnce = kind === 'once';
  /** The latest occurrence that has passed, if it is not too late, else the first that has not. */
  const inTime = (from: number, now: number): number => {
    let latest = from;
    while (latest + everyMs <= now) latest += everyMs;
    return latest > now || now - latest <= MAX_LATENESS_MS ? latest : latest + everyMs;
  };
  return {
    first,
    /** Which occurrence runs when `at` is claimed at `now`; null: none. What was begun is never skipped. */
    seated(at: number, now: number, isFirstAttempt: boolean): number | null {
      if (task.missed !== 'skip' || !isFirstAttempt || isOnce) return at;
      const chosen = inTime(at, now);
      return chosen <= now ? chosen : null;
    },
    /** What follows `at` when it is done at `now`; one that is due at this very moment still runs. */
    following(at: number, now: number): number | null {
      if (isOnce) return null;
      let next = at + everyMs;
      if (task.missed === 'once') while (next < now) next += everyMs;
      return task.missed === 'skip' ? inTime(next, now) : next;
    },
  };
}
