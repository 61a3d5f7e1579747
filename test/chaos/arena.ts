import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DynamicTask, PyncetteModule, PyncetteService } from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { redisRepository } from 'nestjs-pyncette/redis';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { CREATE_EFFECTS } from './effects.js';
import { Fleet } from './fleet.js';

/** Where the schedule is kept when that is not the database of the effects. */
export interface RedisPlace {
  readonly url: string;
  readonly namespace: string;
}

class Templates {
  @DynamicTask()
  atLeastOnce(): void {}

  @DynamicTask()
  recurring(): void {}

  @DynamicTask()
  atMostOnce(): void {}

  @DynamicTask()
  transactional(): void {}

  @DynamicTask()
  long(): void {}
}

/** A database with what handlers write down in it, a client that only schedules, and processes that execute. */
export class Arena {
  private constructor(
    readonly dataSource: DataSource,
    private readonly client: INestApplicationContext,
    readonly fleet: Fleet,
  ) {}

  static async open(options: DataSourceOptions, redis?: RedisPlace): Promise<Arena> {
    const dataSource = await new DataSource(options).initialize();
    if (options.type === 'better-sqlite3') await dataSource.query('PRAGMA journal_mode = WAL');
    await dataSource.query(CREATE_EFFECTS);
    const repository = redis === undefined ? typeOrmRepository({ dataSource }) : redisRepository(redis);
    @Module({
      imports: [PyncetteModule.forRoot({ repository, autoStart: false })],
      providers: [Templates],
    })
    class ClientModule {}
    const client = await NestFactory.createApplicationContext(ClientModule, { logger: false });
    return new Arena(dataSource, client, new Fleet(options, redis));
  }

  get pyncette(): PyncetteService {
    return this.client.get(PyncetteService);
  }

  /** Whether nothing is left of once-off instances. */
  async isDone(...tasks: readonly string[]): Promise<boolean> {
    const pages = await Promise.all(tasks.map((task) => this.pyncette.listTasks(task, { limit: 1 })));
    return pages.every((page) => page.tasks.length === 0);
  }

  async close(): Promise<void> {
    await this.fleet.kill();
    await this.client.close();
    await this.dataSource.destroy();
  }
}
