import { Module } from '@nestjs/common';
import { PyncetteModule } from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { MailTasks } from './mail.tasks.js';

@Module({
  imports: [
    PyncetteModule.forRoot({
      repository: typeOrmRepository({
        type: 'better-sqlite3',
        database: process.env['DATABASE'] ?? 'survives-restart.db',
      }),
      pollInterval: 200,
    }),
  ],
  providers: [MailTasks],
})
export class AppModule {}
