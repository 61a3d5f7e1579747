export { PyncetteHealthIndicator } from './pyncette.health.js';
export type { PyncetteHealth, PyncetteHealthOptions } from './pyncette.health.js';
