import fc from 'fast-check';
import { describe, it } from 'vitest';
import { ExecutionMode, FailureMode, type TaskDefinition } from '../../lib/core/task.js';
import { type Run, World } from './model/client-world.js';
import type { Step } from './model/steps.js';

// Two processes, two instances, and everything a client may ask at any moment. What holds however it goes: never two at once while a
// lease lives, never twice at most once, nothing early, nothing off its grid, nothing of what was replaced, nothing owed lost.

const name = fc.constantFrom('anna', 'bill');
const asked = fc.record({
  kind: fc.constantFrom('interval', 'interval', 'cron', 'once'),
  ms: fc.constantFrom(2_000, 5_000, 10_000),
});
const ms = fc.oneof(fc.constantFrom(0, 1, 500, 1_000, 5_000), fc.integer({ min: 1, max: 12_000 }));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('schedule'),
      name,
      asked,
      force: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('advance', 'advance', 'advance', 'jump'), ms }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('unschedule', 'pause', 'trigger', 'trigger'), name }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('resume'),
      name: fc.option(name),
      from: fc.constantFrom('schedule', 'now'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pauseAll') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('crash', 'stop', 'diesAtClaim'),
      process: fc.constantFrom(0, 1),
    }),
  },
);

const runs: fc.Arbitrary<readonly Run[]> = fc.array(
  fc.record({
    takesMs: fc.constantFrom(0, 0, 300, 1_000, 4_000, 7_137),
    fails: fc.constantFrom(false, false, true),
  }),
  { minLength: 1, maxLength: 6 },
);

const retry = {
  maxAttempts: 2,
  delayMs: 1_000,
  backoff: 'exponential',
  maxDelayMs: null,
  jitter: 0,
  exhausted: 'park',
} as const;
const atLeastOnce: fc.Arbitrary<Partial<TaskDefinition>> = fc.record({
  failureMode: fc.constantFrom(FailureMode.NONE, FailureMode.UNLOCK),
  retry: fc.constantFrom(null, retry),
  missed: fc.constantFrom('once', 'all', 'skip'),
  heartbeat: fc.constantFrom(null, { leaseRemainingRatio: 0.5, abortOnLeaseLost: true }),
});
const atMostOnce: fc.Arbitrary<Partial<TaskDefinition>> = fc.record({
  executionMode: fc.constant(ExecutionMode.AT_MOST_ONCE),
  missed: fc.constantFrom('once', 'all', 'skip'),
});

const walk = async (
  task: Partial<TaskDefinition>,
  planned: readonly Run[],
  steps: readonly Step[],
): Promise<void> => {
  const isAtMostOnce = task.executionMode === ExecutionMode.AT_MOST_ONCE;
  const world = new World(task, planned, ['anna', 'bill'], 5_511, isAtMostOnce);
  try {
    await world.begin();
    for (const next of steps) await world.step(next);
    await world.calmDown();
  } finally {
    world.close();
  }
};

const steps = fc.array(step, { minLength: 5, maxLength: 30 });

describe('Whatever clients ask, and whoever dies meanwhile', () => {
  it('at least once: one at a time, on its grid, until it has succeeded', async () => {
    await fc.assert(fc.asyncProperty(atLeastOnce, runs, steps, walk), { numRuns: 80 });
  });

  it('at most once: no occurrence and no trigger starts twice', async () => {
    await fc.assert(fc.asyncProperty(atMostOnce, runs, steps, walk), { numRuns: 40 });
  });
});
