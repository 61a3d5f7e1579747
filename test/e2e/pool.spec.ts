import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { InjectDataSource, TypeOrmModule } from '@nestjs/typeorm';
import {
  DynamicTask,
  PyncetteModule,
  PyncetteService,
  type TaskContext,
  WithHeartbeat,
} from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { createDatabase, isAvailable } from '../databases/databases.js';

/** Both of the application's connections are always busy, far longer than a lease. */
@Injectable()
class Greedy {
  done = 0;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  @DynamicTask({ leaseDuration: '1s' })
  @WithHeartbeat()
  async query(): Promise<void> {
    for (let turn = 0; turn < 2; turn++) await this.dataSource.query('SELECT pg_sleep(0.02)');
    this.done++;
  }

  @DynamicTask({ transactional: true, leaseDuration: '1s' })
  @WithHeartbeat()
  async transactional(context: TaskContext): Promise<void> {
    await context.manager.query('SELECT pg_sleep(0.02)');
    await sleep(10);
    this.done++;
  }
}

describe.runIf(isAvailable('postgres'))('A pool of two connections', () => {
  it(
    'under a hundred executions: heartbeats and settlements still arrive in time (D10)',
    { timeout: 40_000 },
    async () => {
      const database = await createDatabase('postgres');
      @Module({
        imports: [
          TypeOrmModule.forRoot({ ...database.options, poolSize: 2, retryAttempts: 0 } as never),
          PyncetteModule.forRoot({ repository: typeOrmRepository() }),
        ],
        providers: [Greedy],
      })
      class AppModule {}
      const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
      await app.init();
      const pyncette = app.get(PyncetteService);
      const events = new Map<string, number>();
      pyncette.events$.subscribe(({ type }) => events.set(type, (events.get(type) ?? 0) + 1));
      const instances = Array.from({ length: 100 }, (_, index) => ({
        instanceName: `i${index}`,
        executeIn: 0,
      }));
      await pyncette.scheduleTasks('query', instances);
      await pyncette.scheduleTasks('transactional', instances.slice(0, 30));
      await expect.poll(() => app.get(Greedy).done, { timeout: 30_000 }).toBe(130);
      await expect.poll(() => events.get('task:succeeded'), { timeout: 5_000 }).toBe(130);
      expect(events.get('lease:extended')).toBeGreaterThan(50);
      expect(events.get('lease:lost')).toBeUndefined();
      await app.close();
      await database.drop();
    },
  );
});
