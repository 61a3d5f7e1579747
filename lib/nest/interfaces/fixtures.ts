import type { PyncetteService } from '../pyncette.service.js';

/**
 * The values of fixtures by name. Extend it by declaration merging:
 * `declare module 'nestjs-pyncette' { interface PyncetteFixtures { db: Database } }`
 */
export interface PyncetteFixtures {
  readonly [name: string]: unknown;
}

/** A provider with the lifetime of the scheduler; see `@Fixture()`. */
export interface FixtureProvider<T = unknown> {
  /** Before the first tick. What it throws stops the start of the application. */
  setUp(app: PyncetteService): T | Promise<T>;
  /** After the last execution has finished. */
  tearDown?(value: T): void | Promise<void>;
}
