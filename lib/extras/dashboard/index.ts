export { PyncetteDashboardModule } from './dashboard.module.js';
export type {
  DashboardAsyncOptions,
  DashboardGuardLike,
  DashboardOptions,
  DashboardOptionsFactory,
  DashboardRedaction,
} from './dashboard-options.js';
