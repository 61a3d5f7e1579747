export { TestClock } from './test-clock.js';
export { ScheduledExpectation, expectScheduled } from './expect-scheduled.js';
export { repositoryConformance } from './conformance/repository-conformance.js';
export type {
  Capability,
  ConformanceCase,
  ConformanceOptions,
} from './conformance/repository-conformance.js';
export type { StoreUnderTest } from './conformance/store.js';
