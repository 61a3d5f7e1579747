/** The token of the module's options, as the application gave them. */
export const PYNCETTE_OPTIONS = Symbol('PYNCETTE_OPTIONS');

/** What an `ExecutionContext` of a task is called by `getType()`. */
export const PYNCETTE_CONTEXT_TYPE = 'pyncette';

/** Options that this room understands; the others are the scheduler's. */
export const NEST_OPTIONS = ['interceptors', 'fixtures', 'globalEnhancers', 'guards'];
