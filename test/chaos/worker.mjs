// One process of an application with its schedule in a database; plain JavaScript on the built package, to be started and killed.
import 'reflect-metadata';
import { Inject, Injectable, Module } from '@nestjs/common';
import { TypeOrmModule, getDataSourceToken } from '@nestjs/typeorm';
import { DynamicTask, ExecutionMode, PyncetteFactory, PyncetteModule } from '../../dist/index.js';
import { typeOrmRepository } from '../../dist/typeorm/index.js';

const database = JSON.parse(process.env.CHAOS_DATABASE ?? '{}');
const workMs = Number(process.env.CHAOS_WORK_MS ?? 200);

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
    await this.work('transactional', context, context.manager);
  }

  /** Says in the database that it has begun, and takes its time. */
  async work(kind, context, manager) {
    const { instanceName } = context.task;
    await manager.query(
      `INSERT INTO effects (kind, instance, occurrence) VALUES ('${kind}', '${instanceName}', ${context.scheduledAt.toMillis()})`,
    );
    await new Promise((resolve) => setTimeout(resolve, Math.random() * workMs));
  }
}

const lease = { leaseDuration: '2s' };
const decorate = (method, options) => {
  const descriptor = Object.getOwnPropertyDescriptor(Tasks.prototype, method);
  DynamicTask({ ...lease, ...options })(Tasks.prototype, method, descriptor);
};
decorate('atLeastOnce', {});
decorate('recurring', { missed: 'all' });
decorate('atMostOnce', { executionMode: ExecutionMode.AT_MOST_ONCE, missed: 'all' });
decorate('transactional', { transactional: true });
Injectable()(Tasks);
Inject(getDataSourceToken())(Tasks, undefined, 0);

class AppModule {}
Module({
  imports: [
    TypeOrmModule.forRoot(database),
    PyncetteModule.forRoot({ repository: typeOrmRepository(), concurrencyLimit: 50 }),
  ],
  providers: [Tasks],
})(AppModule);

await PyncetteFactory.run(AppModule, { logger: ['warn', 'error', 'fatal'] });
console.log('ready');
