import { Module } from '@nestjs/common';
import { PyncetteModule } from 'nestjs-pyncette';
import { GreetingController } from './greeting.controller.js';
import { GreetingTasks } from './greeting.tasks.js';
import { HouseTasks } from './house.tasks.js';

@Module({
  imports: [PyncetteModule.forRoot({ shutdownTimeout: { seconds: 10 } })],
  controllers: [GreetingController],
  providers: [HouseTasks, GreetingTasks],
})
export class AppModule {}
