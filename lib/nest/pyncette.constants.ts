/** The token of the module's options, as the application gave them. */
export const PYNCETTE_OPTIONS = Symbol('PYNCETTE_OPTIONS');

/** The token of the repository, for tests that put another in its place: `overrideProvider(PYNCETTE_REPOSITORY)`. */
export const PYNCETTE_REPOSITORY = Symbol('PYNCETTE_REPOSITORY');

/** The token of the clock that was given, null when none was, for tests that put a `TestClock` in its place. */
export const PYNCETTE_CLOCK = Symbol('PYNCETTE_CLOCK');

/** What an `ExecutionContext` of a task is called by `getType()`. */
export const PYNCETTE_CONTEXT_TYPE = 'pyncette';

/** Options that this room understands; the others are the scheduler's. */
export const NEST_OPTIONS = ['interceptors', 'fixtures', 'globalEnhancers', 'guards'];
