// One process of an application with its schedule in a database; plain JavaScript on the built package, to be started and killed.
import './disturbances.mjs';
import 'reflect-metadata';
import { Inject, Injectable, Module } from '@nestjs/common';
import { TypeOrmModule, getDataSourceToken } from '@nestjs/typeorm';
import {
  DynamicTask,
  ExecutionMode,
  PyncetteFactory,
  PyncetteModule,
  WithHeartbeat,
} from '../../dist/index.js';
import { redisRepository } from '../../dist/redis/index.js';
import { typeOrmRepository } from '../../dist/typeorm/index.js';

const database = JSON.parse(process.env.CHAOS_DATABASE ?? '{}');
/** Where the schedule is, if not in the database in which the handlers write down what they do. */
const redis = process.env.CHAOS_REDIS === undefined ? null : JSON.parse(process.env.CHAOS_REDIS);
const workMs = Number(process.env.CHAOS_WORK_MS ?? 200);
const LONG_MS = 8_000;

class Tasks {
  constructor(dataSource) {
    this.dataSource = dataSource;
  }

  atLeastOnce(context) {
    return this.work('atLeastOnce', context, this.dataSource);
  }

  recurring(context) {
    return this.work('recurring', context, this.dataSource);
  }

  atMostOnce(context) {
    return this.work('atMostOnce', context, this.dataSource);
  }

  async transactional(context) {
    await this.work('transactional', context, context.manager ?? this.dataSource);
  }

  /** Longer than its lease, with heartbeats; says whether it came to its end or was told to stop. */
  async long(context) {
    await this.says('long', context, this.dataSource);
    const how = await new Promise((resolve) => {
      setTimeout(() => resolve('finished'), LONG_MS);
      context.signal.addEventListener('abort', () => resolve('aborted'));
    });
    await this.says(how, context, this.dataSource);
  }

  /** Says in the database that it has begun, and takes its time. */
  async work(kind, context, manager) {
    await this.says(kind, context, manager);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * workMs));
  }

  async says(kind, context, manager) {
    await manager.query(
      `INSERT INTO effects (kind, instance, occurrence) VALUES ('${kind}', '${context.task.instanceName}', ${context.scheduledAt.toMillis()})`,
    );
  }
}

const decorate = (method, options) => {
  const descriptor = Object.getOwnPropertyDescriptor(Tasks.prototype, method);
  DynamicTask({ leaseDuration: '2s', ...options })(Tasks.prototype, method, descriptor);
};
decorate('atLeastOnce', {});
decorate('recurring', { missed: 'all' });
decorate('atMostOnce', { executionMode: ExecutionMode.AT_MOST_ONCE, missed: 'all' });
decorate('transactional', { transactional: redis === null });
decorate('long', {});
WithHeartbeat()(Tasks.prototype, 'long', Object.getOwnPropertyDescriptor(Tasks.prototype, 'long'));
Injectable()(Tasks);
Inject(getDataSourceToken())(Tasks, undefined, 0);

class AppModule {}
Module({
  imports: [
    TypeOrmModule.forRoot(database),
    PyncetteModule.forRoot({
      repository: redis === null ? typeOrmRepository() : redisRepository(redis),
      concurrencyLimit: Number(process.env.CHAOS_CONCURRENCY ?? 50),
    }),
  ],
  providers: [Tasks],
})(AppModule);

await PyncetteFactory.run(AppModule, { logger: ['warn', 'error', 'fatal'] });
console.log('ready');
