import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { DashboardGuards } from './dashboard-guards.js';
import type { DashboardSettings } from './dashboard-settings.js';
import { DASHBOARD_SETTINGS } from './dashboard.constants.js';
import { hostOf, isLocalHost } from './same-origin.js';
import { SECURITY_HEADERS } from './web-response.js';
import { webRequest } from './web-request.js';

/** Stands before the page, its files and its API. */
@Injectable()
export class DashboardGuard implements CanActivate {
  constructor(
    @Inject(DASHBOARD_SETTINGS) private readonly settings: DashboardSettings,
    @Inject(DashboardGuards) private readonly guards: DashboardGuards,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    // What a guard or a filter of the application answers is as safe as what we do.
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      this.adapterHost.httpAdapter.setHeader(http.getResponse(), name, value);
    if (this.settings.isLocalOnly && !isLocalHost(hostOf(webRequest(http.getRequest()))))
      throw new ForbiddenException(
        'Without guards the dashboard answers under localhost only. Give PyncetteDashboardModule guards, or guards: []',
      );
    return this.guards.allow(context);
  }
}
