import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PyncetteModule } from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { WorkTasks } from './work.tasks.js';

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url: process.env['DATABASE_URL'] }),
    PyncetteModule.forRoot({ repository: typeOrmRepository(), pollInterval: 250 }),
  ],
  providers: [WorkTasks],
})
export class AppModule {}
