import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { PyncetteModule } from 'nestjs-pyncette';
import { PyncetteOpenTelemetryModule } from 'nestjs-pyncette/opentelemetry';
import { PyncettePrometheusModule } from 'nestjs-pyncette/prometheus';
import { PyncetteHealthIndicator } from 'nestjs-pyncette/terminus';
import { HealthController } from './health.controller.js';
import { MailsController } from './mails.controller.js';

@Module({
  imports: [
    PyncetteModule.forRoot(),
    PyncettePrometheusModule.forRoot({ path: '/metrics', parkedInterval: '1s' }),
    PyncetteOpenTelemetryModule.forRoot(),
    TerminusModule,
  ],
  controllers: [MailsController, HealthController],
  providers: [PyncetteHealthIndicator],
})
export class AppModule {}
