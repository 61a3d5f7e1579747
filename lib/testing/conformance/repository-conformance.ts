import assert from 'node:assert/strict';
import { claimCases } from './claim.cases.js';
import { clientCases } from './client.cases.js';
import { historyCases } from './history.cases.js';
import { countCases, listingCases, upcomingCases } from './listing.cases.js';
import { rowCases } from './row.cases.js';
import { randomWalkCases } from './random-walk.cases.js';
import { schedulerCases } from './scheduler.cases.js';
import { schedulerClientCases } from './scheduler-client.cases.js';
import { settlementCases } from './settlement.cases.js';
import { type StoreUnderTest, Store } from './store.js';

/** One thing that every repository has to do. */
export interface ConformanceCase {
  /** A sentence for the test's name. */
  readonly name: string;
  /** Rejects with an `AssertionError` when the repository does otherwise. */
  run(): Promise<void>;
}

/** What a case does with a store of its own. */
export type CaseBody = (store: Store) => Promise<void>;

/** What a repository need not be able to do. */
export type Capability = 'count' | 'upcoming' | 'history';

/** What is expected of the repository. */
export interface ConformanceOptions {
  /** What it cannot do; that it has no such member is a case then. Default: nothing. */
  readonly without?: readonly Capability[];
}

const CAPABILITIES: Record<Capability, Record<string, CaseBody>> = {
  count: countCases,
  upcoming: upcomingCases,
  history: historyCases,
};

/**
 * The suite that every repository of this package is run through; run it on one of your own.
 *
 * @param createStore called for each case: answers a store without rows.
 * @example
 * for (const { name, run } of repositoryConformance(() => myStore())) it(name, run);
 */
export function repositoryConformance(
  createStore: () => StoreUnderTest | Promise<StoreUnderTest>,
  { without = [] }: ConformanceOptions = {},
): readonly ConformanceCase[] {
  const bodies: Record<string, CaseBody> = {
    ...rowCases,
    ...listingCases,
    ...claimCases,
    ...settlementCases,
    ...clientCases,
    ...randomWalkCases,
    ...schedulerCases,
    ...schedulerClientCases,
  };
  for (const capability of ['count', 'upcoming', 'history'] as const)
    Object.assign(bodies, without.includes(capability) ? missing(capability) : CAPABILITIES[capability]);
  return Object.entries(bodies).map(([name, body]) => ({ name, run: () => runOn(createStore, body) }));
}

/** What is said not to be there must not be there: nothing goes untested by mistake. */
const missing = (capability: Capability): Record<string, CaseBody> => ({
  [`${capability}: is not there, as was said`]: async (store) => {
    const repository = await store.open();
    assert.equal(repository[capability], undefined, `it has ${capability}: let its cases run`);
  },
});

async function runOn(
  createStore: () => StoreUnderTest | Promise<StoreUnderTest>,
  body: CaseBody,
): Promise<void> {
  const underTest = await createStore();
  const store = new Store(underTest);
  try {
    await body(store);
  } finally {
    await store.close();
    await underTest.destroy?.();
  }
}
