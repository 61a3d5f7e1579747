import type { Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  type PyncetteEvent,
  PyncetteModule,
  type PyncetteModuleOptions,
  PyncetteService,
} from 'nestjs-pyncette';
import { type RedisScheduleOptions, redisRepository } from 'nestjs-pyncette/redis';
import { onTestFinished } from 'vitest';
import { LogBook } from './launch.js';

/** A started application by the server's time, closed when the test ends. */
export class RedisApplication<Tasks> {
  private readonly events: PyncetteEvent[] = [];

  private constructor(
    private readonly app: TestingModule,
    readonly tasks: Tasks,
  ) {
    this.pyncette.events$.subscribe((event) => this.events.push(event));
  }

  /** Starts one whose schedule is kept in the Redis of this url. */
  static async start<Tasks>(
    url: string,
    provider: Type<Tasks>,
    options: PyncetteModuleOptions & { readonly redis?: RedisScheduleOptions } = {},
  ): Promise<RedisApplication<Tasks>> {
    const { redis, ...rest } = options;
    const app = await Test.createTestingModule({
      imports: [PyncetteModule.forRoot({ ...rest, repository: redisRepository({ url, ...redis }) })],
      providers: [provider],
    })
      .setLogger(new LogBook())
      .compile();
    const application = new RedisApplication(app, app.get(provider));
    onTestFinished(() => app.close());
    await app.init();
    return application;
  }

  get pyncette(): PyncetteService {
    return this.app.get(PyncetteService);
  }

  /** The events of one type. */
  of<T extends PyncetteEvent['type']>(type: T): Extract<PyncetteEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<PyncetteEvent, { type: T }> => event.type === type);
  }

  /** What was said of the store, one word after the other. */
  get storeEvents(): readonly string[] {
    return this.events.map(({ type }) => type).filter((type) => type.startsWith('repository:'));
  }
}
