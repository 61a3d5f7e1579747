export { PyncetteOpenTelemetryModule } from './pyncette-opentelemetry.module.js';
export type { PyncetteOpenTelemetryOptions } from './opentelemetry-options.js';
