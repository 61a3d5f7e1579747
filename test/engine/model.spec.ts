import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Move, drive } from './model/drive.js';
import { type ModelTask, expectedStarts } from './model/reference-model.js';

// Random tasks through random histories: every start has to be where a model of a few rules has it, and no other may be.

/** Durations that end within any lease, on the grid of everything else, and such that outlive leases, beside every grid. */
const takesMs = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 0, 500, 1_000, 1_500, 2_000) },
  { weight: 1, arbitrary: fc.integer({ min: 2, max: 20 }).map((seconds) => seconds * 1_000 + 137) },
);

const onFailure: fc.Arbitrary<ModelTask['onFailure']> = fc.oneof(
  fc.constantFrom('none', 'unlock', 'commit'),
  fc.record({
    maxAttempts: fc.integer({ min: 1, max: 4 }),
    delayMs: fc.constantFrom(1, 250, 1_000, 3_000),
    backoff: fc.constantFrom('fixed', 'exponential'),
    exhausted: fc.constantFrom('commit', 'park', null),
  }),
);

const task: fc.Arbitrary<ModelTask> = fc.record({
  schedule: fc.record({
    kind: fc.constantFrom('interval', 'interval', 'cron', 'once'),
    everyMs: fc.constantFrom(1_000, 2_000, 5_000, 10_000, 30_000),
  }),
  mode: fc.constantFrom('at-least-once', 'at-least-once', 'at-least-once', 'at-most-once'),
  onFailure,
  missed: fc.constantFrom('once', 'all', 'skip'),
  leaseMs: fc.constantFrom(2_511, 4_511, 11_511),
  hasHeartbeat: fc.boolean(),
  runs: fc.array(fc.record({ takesMs, fails: fc.boolean() }), { minLength: 1, maxLength: 8 }),
});

const move = (kinds: readonly Move['kind'][]): fc.Arbitrary<Move> =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    ms: fc.oneof(
      fc.integer({ min: 0, max: 60 }).map((quarters) => quarters * 250),
      fc.integer({ min: 1, max: 15_000 }),
    ),
  });

async function agree(wanted: ModelTask, moves: readonly Move[]): Promise<void> {
  const { starts, gaps, zero, end } = await drive(wanted, moves);
  const relative = ({ at, scheduledAt, attempt }: (typeof starts)[number]) => [
    at - zero,
    scheduledAt - zero,
    attempt,
  ];
  expect(starts.map(relative)).toEqual(expectedStarts(wanted, gaps, zero, end).map(relative));
}

describe('Against a model of a few rules, every execution starts when it should, and no other does', () => {
  it('one task, one scheduler that is never away', async () => {
    await fc.assert(
      fc.asyncProperty(task, (wanted) => agree(wanted, [{ kind: 'run', ms: 30_000 }])),
      { numRuns: 80 },
    );
  });

  it('with clock jumps: the process was away, what is missed is decided', async () => {
    const moves = fc.array(move(['run', 'jump']), { minLength: 2, maxLength: 8 });
    await fc.assert(fc.asyncProperty(task, moves, agree), { numRuns: 80 });
  });

  it('with processes that stop, crash, or die between their claim and the start', async () => {
    const moves = fc.array(move(['run', 'run', 'jump', 'stop', 'crash', 'dies-at-claim']), {
      minLength: 2,
      maxLength: 10,
    });
    await fc.assert(fc.asyncProperty(task, moves, agree), { numRuns: 140 });
  });
});
