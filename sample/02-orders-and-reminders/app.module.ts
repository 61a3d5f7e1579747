import { Module } from '@nestjs/common';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { PyncetteModule } from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { OrderController } from './order.controller.js';
import { Order } from './order.entity.js';
import { OrderTasks } from './order.tasks.js';

const url = process.env['DATABASE_URL'];
const database: TypeOrmModuleOptions =
  url === undefined
    ? { type: 'better-sqlite3', database: process.env['DATABASE'] ?? 'orders.db', enableWAL: true }
    : { type: 'postgres', url };

@Module({
  imports: [
    TypeOrmModule.forRoot({ ...database, entities: [Order], synchronize: true }),
    PyncetteModule.forRoot({ repository: typeOrmRepository() }),
  ],
  controllers: [OrderController],
  providers: [OrderTasks],
})
export class AppModule {}
