import { Module } from '@nestjs/common';
import { PyncetteModule } from 'nestjs-pyncette';
import { PyncetteDashboardModule } from 'nestjs-pyncette/dashboard';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { databaseFile } from './database-file.js';
import { GreetingController } from './greeting.controller.js';
import { GreetingTasks } from './greeting.tasks.js';
import { HouseTasks } from './house.tasks.js';

@Module({
  imports: [
    PyncetteModule.forRoot({
      // Leave `repository` out and the schedule lives in memory; typeOrmRepository() takes the application's own DataSource.
      repository: typeOrmRepository({ type: 'better-sqlite3', database: databaseFile }),
      shutdownTimeout: { seconds: 10 },
      // So that the dashboard can show what each instance has done.
      history: { retention: '1d' },
    }),
    // Open to everybody who reaches the demo. An application says here who may see it: guards: [AdminGuard]
    PyncetteDashboardModule.forRoot({ path: '/pyncette', guards: [] }),
  ],
  controllers: [GreetingController],
  providers: [HouseTasks, GreetingTasks],
})
export class AppModule {}
