export { PyncettePrometheusModule } from './pyncette-prometheus.module.js';
export type { PyncettePrometheusBuckets, PyncettePrometheusOptions } from './prometheus-options.js';
