import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { AOF, ownRedis as start } from '../databases/own-redis.js';
import { hasRedisServer } from '../databases/redis-server.js';
import { RedisScene, claimNames, onceOff } from './redis-scene.js';

/** Asks again, as the scheduler does, until the store answers. */
async function eventually<T>(ask: () => Promise<T>): Promise<T> {
  const answers: T[] = [];
  const askOnce = async (): Promise<number> =>
    ask().then(
      (answer) => answers.push(answer),
      () => 0,
    );
  await expect.poll(askOnce).toBe(1);
  const [answer] = answers;
  if (answer === undefined) throw new Error('there was no answer');
  return answer;
}

describe.runIf(hasRedisServer())('A Redis of its own', () => {
  it('killed and restarted with its append-only file, has lost nothing that was acknowledged', async () => {
    const server = await start(...AOF);
    const repository = await new RedisScene(server.url).open();
    const acknowledged: string[] = [];
    let attempted = 0;
    const writing = (async () => {
      for (; attempted < 100_000; attempted += 50) {
        const part = Array.from({ length: 50 }, (_, index) => `i${attempted + index}`);
        await repository.register(part.map((name) => onceOff(name)));
        acknowledged.push(...part);
      }
    })().catch(() => undefined);
    await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(500);
    const leased = await claimNames(repository, { limit: 100 });
    await server.signal('SIGKILL');
    await writing;
    await server.restart();
    const keys = acknowledged.map((instance) => ({ task: 'task', instance }));
    const found = await eventually(() => repository.find(keys));
    expect(found.filter((row) => row === null)).toEqual([]);
    const again = new Set(await claimNames(repository, { limit: 100_000 }));
    expect([leased.length, leased.filter((name) => again.has(name))]).toEqual([100, []]);
  });

  it('that has become a replica, or full, is asked again until it can be written', async () => {
    const server = await start();
    const repository = await new RedisScene(server.url).open();
    const register = (name: string) => repository.register([onceOff(name)]);
    await server.command('replicaof', '127.0.0.1', '1');
    await expect(register('a')).rejects.toThrow(/READONLY|MASTERDOWN|Redis failed/);
    await server.command('replicaof', 'no', 'one');
    await eventually(() => register('a'));
    await server.command('config', 'set', 'maxmemory', '1');
    await expect(register('b')).rejects.toThrow(/OOM/);
    await expect(claimNames(repository)).rejects.toThrow(/OOM/);
    await server.command('config', 'set', 'maxmemory', '0');
    await eventually(() => register('b'));
    expect((await claimNames(repository)).sort()).toEqual(['a', 'b']);
  });

  it('full, still lets what is done go', async () => {
    const server = await start();
    const repository = await new RedisScene(server.url).open();
    await repository.register([onceOff('a')]);
    const tasks = [{ task: 'task', isStatic: false, queues: ['task'], leaseMs: 60_000, limit: 9 }];
    const { claimed } = await repository.claimDue({ tasks, limit: 9, owner: 'test' });
    await server.command('config', 'set', 'maxmemory', '1');
    const settlement = { kind: 'done' as const, next: null, jitterMs: 0, error: null };
    const requests = claimed.map(({ row }) => ({
      task: row.task,
      instance: row.instance,
      leaseToken: row.leaseToken ?? '',
      attempt: row.attempt,
      settlement,
    }));
    expect(await repository.settle(requests)).toEqual(['settled']);
  });

  it('that does not answer is given up after queryTimeout, and used again when it does', async () => {
    const server = await start();
    const repository = await new RedisScene(server.url).open({ queryTimeout: 300 });
    await server.signal('SIGSTOP');
    await expect(repository.register([onceOff('a')])).rejects.toThrow(
      'Redis has not answered within 300 ms (queryTimeout)',
    );
    await server.signal('SIGCONT');
    await eventually(() => repository.register([onceOff('b')]));
    expect(await claimNames(repository)).toContain('b');
  });

  it('that dies while it is asked is said to be gone, not what its client is set to', async () => {
    const server = await start();
    const repository = await new RedisScene(server.url).open();
    await server.command('client', 'pause', '60000');
    const reason = repository.register([onceOff('a')]).catch((error: Error) => error.message);
    await server.signal('SIGKILL');
    expect(await reason).toMatch(/^Redis failed: (the connection was lost|.*ECONNRESET)$/);
  });

  it('that is not there, or wants another password, is named without its secrets', async () => {
    const server = await start('--requirepass', 'right');
    const open = (url: string) => new RedisScene(url).open({ queryTimeout: 2_000 });
    const refused = await open(server.url.replace('//', '//user:s3cret@')).catch((error: Error) => error);
    const gone = await open('redis://user:s3cret@127.0.0.1:1').catch((error: Error) => error);
    expect(String(refused)).toMatch(/WRONGPASS|NOAUTH/);
    expect(String(gone)).toMatch(/ECONNREFUSED/);
    for (const error of [refused, gone]) {
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret');
    }
  });

  it('is warned about: eviction, and no append-only file; once each', async () => {
    const server = await start('--maxmemory-policy', 'allkeys-lru');
    const scene = new RedisScene(server.url);
    const warnings: string[] = [];
    await scene.open({}, { warn: (message) => warnings.push(message) });
    expect(warnings).toEqual([
      expect.stringMatching(/maxmemory-policy allkeys-lru.*set maxmemory-policy noeviction/),
      expect.stringMatching(/no append-only file.*set appendonly yes/),
    ]);
    const careful = await start(...AOF);
    await new RedisScene(careful.url).open({}, { warn: (message) => warnings.push(message) });
    expect(warnings).toHaveLength(2);
  });

  it('that may not be asked how it is set up says nothing about it', async () => {
    const server = await start();
    await server.command('acl', 'setuser', 'app', 'on', 'nopass', '~*', '&*', '+@all', '-info');
    const warnings: string[] = [];
    const scene = new RedisScene(server.url.replace('//', '//app:any@'));
    await scene.open({}, { warn: (message) => warnings.push(message) });
    expect(warnings).toEqual([]);
  });
});
