import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { redisRepository } from 'nestjs-pyncette/redis';
import { repositoryConformance } from 'nestjs-pyncette/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { hasRedis, redisUrl, removeNamespace } from '../databases/redis.js';

const WAYS = ['one client for all applications', 'each application with a connection of its own'] as const;

describe.runIf(hasRedis())('The repository on Redis', () => {
  describe.each(WAYS)('%s', (way) => {
    let client: Redis;

    beforeAll(() => {
      client = new Redis(redisUrl());
    });
    afterAll(() => void client.disconnect());

    const cases = repositoryConformance(() => {
      const namespace = `test-${randomBytes(6).toString('hex')}`;
      return {
        connect: () =>
          way === WAYS[0]
            ? redisRepository({ client, namespace })
            : redisRepository({ url: redisUrl(), namespace }),
        destroy: () => removeNamespace(client, namespace),
      };
    });
    for (const { name: title, run } of cases) it(title, run);
  });
});
