import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { PyncetteModule } from 'nestjs-pyncette';
import { PyncetteDashboardModule } from 'nestjs-pyncette/dashboard';
import { PyncetteOpenTelemetryModule } from 'nestjs-pyncette/opentelemetry';
import { PyncettePrometheusModule } from 'nestjs-pyncette/prometheus';
import { PyncetteHealthIndicator } from 'nestjs-pyncette/terminus';
import { HealthController } from './health.controller.js';
import { MailsController } from './mails.controller.js';

@Module({
  imports: [
    PyncetteModule.forRoot({ history: { retention: '1h' } }),
    // This one answers on 127.0.0.1 only. Elsewhere: guards: [AdminGuard].
    PyncetteDashboardModule.forRoot({ path: '/pyncette', guards: [] }),
    PyncettePrometheusModule.forRoot({ path: '/metrics', parkedInterval: '1s' }),
    PyncetteOpenTelemetryModule.forRoot(),
    TerminusModule,
  ],
  controllers: [MailsController, HealthController],
  providers: [PyncetteHealthIndicator],
})
export class AppModule {}
