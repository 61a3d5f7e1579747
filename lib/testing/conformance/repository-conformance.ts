import { claimCases } from './claim.cases.js';
import { clientCases } from './client.cases.js';
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

/**
 * The suite that every repository of this package is run through; run it on one of your own.
 *
 * @param createStore called for each case: answers a store without rows.
 * @example
 * for (const { name, run } of repositoryConformance(() => myStore())) it(name, run);
 */
export function repositoryConformance(
  createStore: () => StoreUnderTest | Promise<StoreUnderTest>,
): readonly ConformanceCase[] {
  const bodies: Record<string, CaseBody> = {
    ...rowCases,
    ...claimCases,
    ...settlementCases,
    ...clientCases,
    ...randomWalkCases,
    ...schedulerCases,
    ...schedulerClientCases,
  };
  return Object.entries(bodies).map(([name, body]) => ({ name, run: () => runOn(createStore, body) }));
}

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
