import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Registration, RepositorySession, TaskRepository } from 'nestjs-pyncette';
import { redisRepository } from 'nestjs-pyncette/redis';
import { onTestFinished } from 'vitest';
import { SystemClock } from '../../lib/core/clock.js';
import { keysOf, redisUrl, removeNamespace } from '../databases/redis.js';

/** A namespace of a test's own, gone when the test ends, and a client to look into it. */
export class RedisScene {
  readonly namespace = `test-${randomBytes(6).toString('hex')}`;
  readonly client: Redis;

  constructor(readonly url = redisUrl()) {
    this.client = new Redis(url, { retryStrategy: () => 20 });
    this.client.on('error', () => undefined);
    onTestFinished(async () => {
      await removeNamespace(this.client, this.namespace).catch(() => undefined);
      this.client.disconnect();
    });
  }

  /** A repository of one application, open until the test ends. */
  async open(
    options: { readonly notify?: boolean; readonly queryTimeout?: number } = {},
    session: Partial<RepositorySession> = {},
  ): Promise<TaskRepository> {
    const repository = redisRepository({ url: this.url, namespace: this.namespace, ...options });
    onTestFinished(() => repository.close());
    await repository.open({ clock: new SystemClock(), isClockGiven: false, ...session });
    return repository;
  }

  keys(): Promise<string[]> {
    return keysOf(this.client, this.namespace);
  }
}

/** A once-off that is due at once, whatever this process takes the server's time for. */
export const onceOff = (instance: string, overrides: Partial<Registration> = {}): Registration => ({
  task: 'task',
  instance,
  queue: overrides.task ?? 'task',
  schedule: '{"v":1,"at":0}',
  args: '{}',
  jitterMs: 0,
  force: false,
  place: (now) => now - 5,
  ...overrides,
});

/** Claims what is due of a template, and answers the names. */
export async function claimNames(
  repository: TaskRepository,
  { queues = ['task'], task = 'task', leaseMs = 60_000, limit = 100 } = {},
): Promise<string[]> {
  const tasks = [{ task, isStatic: false, queues, leaseMs, limit }];
  const { claimed } = await repository.claimDue({ tasks, limit, owner: 'test' });
  return claimed.map(({ row }) => row.instance);
}
