import { Random } from './random.js';
import { RandomWalk } from './random-walk.js';
import type { CaseBody } from './repository-conformance.js';

/** Few enough for a store that takes milliseconds for each. */
const STEPS = 120;

const walk =
  (seed: number): CaseBody =>
  async (store) => {
    const handles = [await store.open(), await store.open()];
    const random = new RandomWalk(store, handles, new Random(seed));
    for (let step = 0; step < STEPS; step++) await random.step();
  };

export const randomWalkCases: Record<string, CaseBody> = Object.fromEntries(
  [1, 2, 3, 4].map((seed) => [
    `random calls: each does to every row what the transitions say (walk ${seed})`,
    walk(seed),
  ]),
);
