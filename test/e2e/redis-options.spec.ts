import { Cluster, Redis } from 'ioredis';
import { DynamicTask, InvalidTaskException, RepositoryException, type TaskContext } from 'nestjs-pyncette';
import { type RedisRepositoryOptions, redisRepository } from 'nestjs-pyncette/redis';
import { describe, expect, it } from 'vitest';
import { refuseReplicas } from '../../lib/storage/redis/replica-reads.js';
import { hasRedis, redisUrl } from '../databases/redis.js';
import { RedisScene } from '../storage/redis-scene.js';
import { launch, refusal } from './launch.js';

const url = 'redis://user:s3cret@127.0.0.1:1';

class Hello {
  readonly names: string[] = [];

  @DynamicTask()
  hello(context: TaskContext): void {
    this.names.push(String(context.task.instanceName));
  }
}

class Transactional {
  @DynamicTask({ transactional: true })
  pay(): void {}
}

describe('redisRepository() is refused for', () => {
  it.each<readonly [string, object, RegExp]>([
    ['no place', {}, /neither url nor client: give \{ url: 'redis:\/\/…' \}/],
    ['two places', { url, client: {} }, /both url and client/],
    ['another kind of url', { url: 'http://user:s3cret@host' }, /url .* begin with redis:\/\/ or rediss:/],
    ['an empty url', { url: '' }, /url .* begin with/],
    ['a client that is none', { client: {} }, /client .* is an object; .*ioredis client/],
    ['a misspelt option', { url, namspace: 'a' }, /no option 'namspace' \(did you mean 'namespace'\?\)/],
    ['a namespace with a brace', { url, namespace: 'a}' }, /namespace .* is 'a\}'; .*1 to 100 letters/],
    ['an empty namespace', { url, namespace: '' }, /namespace .* is ''/],
    ['a time limit of 0', { url, queryTimeout: 0 }, /queryTimeout .*0 is not a positive/],
    ['notify that is no flag', { url, notify: 'yes' }, /notify .* is 'yes'; .*true or false/],
  ])('%s, with everything else that is wrong', async (_what, options, message) => {
    const repository = redisRepository(options as RedisRepositoryOptions);
    const error = await refusal([], { repository, batchSize: 0 });
    expect(error).toBeInstanceOf(InvalidTaskException);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/batchSize is 0/);
    expect(error.message).not.toContain('s3cret');
  });

  it('a transactional task', async () => {
    const error = await refusal([Transactional], { repository: redisRepository({ url }) });
    expect(error.message).toMatch(/transactional.*Redis|Redis.*transaction/);
  });
});

describe('A client that asks replicas', () => {
  const lazily = { lazyConnect: true };
  const nodes = [{ host: '127.0.0.1', port: 1 }];
  const sentinels = { ...lazily, sentinels: nodes, name: 'jobs' };

  it.each<readonly [string, Redis | Cluster, RegExp]>([
    [
      'a Cluster that reads from some',
      new Cluster(nodes, { ...lazily, scaleReads: 'slave' }),
      /Cluster with scaleReads: 'slave', which reads from replicas.*give it one with scaleReads: 'master', the default/,
    ],
    [
      'a Cluster that reads from any node',
      new Cluster(nodes, { ...lazily, scaleReads: 'all' }),
      /scaleReads: 'all'.*give it one with scaleReads: 'master'/,
    ],
    [
      'a Cluster that chooses by a function',
      new Cluster(nodes, { ...lazily, scaleReads: (all: readonly unknown[]) => all[0] }),
      /scaleReads: a function.*give it one with scaleReads: 'master'/,
    ],
    [
      'one that asks sentinels for a replica',
      new Redis({ ...sentinels, role: 'slave' }),
      /Redis with role: 'slave', which reads from replicas.*give it one with role: 'master', the default/,
    ],
  ])('is refused, and ends the start: %s', async (_what, client, message) => {
    const error = await refusal([Hello], { repository: redisRepository({ client }) });
    expect(error).toBeInstanceOf(RepositoryException);
    expect(error.message).toMatch(message);
  });

  it.each<readonly [string, Redis | Cluster]>([
    ['a Cluster', new Cluster(nodes, lazily)],
    ['a Cluster that says so', new Cluster(nodes, { ...lazily, scaleReads: 'master' })],
    ['one that asks sentinels for the master', new Redis(sentinels)],
    ['one of a single server', new Redis({ ...lazily, role: 'slave' })],
  ])('is not: %s', (_what, client) => expect(() => refuseReplicas(client)).not.toThrow());
});

describe.runIf(hasRedis())('An application on Redis', () => {
  it('schedules and executes; a manager is refused, for there is no transaction to join', async () => {
    const { namespace } = new RedisScene();
    const repository = redisRepository({ url: redisUrl(), namespace });
    const { app, pyncette, clock, logged } = await launch([Hello], { repository });
    await pyncette.scheduleTask('hello', 'bill', { interval: '1m' });
    const manager = {} as never;
    await expect(pyncette.scheduleTask('hello', 'tx', { interval: '1m', manager })).rejects.toThrow(
      /\(Redis\) cannot join a transaction: leave manager out/,
    );
    await clock.advance('3m');
    expect(app.get(Hello).names).toEqual(['bill', 'bill', 'bill']);
    expect(logged.some((line) => line.includes('repository Redis'))).toBe(true);
  });

  it('parks a row that is garbage, and executes the others', async () => {
    const { namespace, client } = new RedisScene();
    const { app, pyncette, clock } = await launch([Hello], {
      repository: redisRepository({ url: redisUrl(), namespace }),
    });
    await pyncette.scheduleTask('hello', 'bill', { interval: '1m' });
    const tag = `{${namespace}:hello}`;
    for (const [index, garbage] of ['garbage', 'v {"schedule":7,"args":[]}', 'v null', ''].entries()) {
      await client.hset(`${tag}:rows`, `bad${index}`, garbage);
      await client.zadd(`${tag}:names`, 0, `bad${index}`);
      await client.zadd(`${tag}:due:hello`, 0, `bad${index}`);
    }
    await clock.advance('2m');
    expect(app.get(Hello).names).toEqual(['bill', 'bill']);
    expect((await pyncette.listTasks('hello', { state: 'parked' })).tasks).toHaveLength(4);
  });

  it('logs nothing of its url, whatever is wrong with it', async () => {
    const { logged, clock } = await launch([Hello], { repository: redisRepository({ url }) });
    await clock.advance('1m');
    expect(logged.join('\n')).toMatch(/The repository failed/);
    expect(logged.join('\n')).not.toContain('s3cret');
  });
});
