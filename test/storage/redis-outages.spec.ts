import { inspect } from 'node:util';
import { redisRepository } from 'nestjs-pyncette/redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SystemClock } from '../../lib/core/clock.js';
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

  it('that does not answer one more application tells it nothing later, and goes on for the others', async () => {
    const server = await start();
    const heard: string[] = [];
    const session = (name: string) => ({
      clock: new SystemClock(),
      isClockGiven: false,
      onDueElsewhere: () => heard.push(name),
    });
    const scene = new RedisScene(server.url);
    const shared = await scene.open({ notify: true, queryTimeout: 300 }, session('first'));
    await server.signal('SIGSTOP');
    await expect(shared.open(session('failed'))).rejects.toThrow(/queryTimeout/);
    await server.signal('SIGCONT');
    await eventually(() => shared.open(session('second')).then(() => true));
    const speaker = await scene.open({ notify: true });
    speaker.announceDue?.(speaker.now() + 60_000);
    await expect.poll(() => heard.length).toBeGreaterThan(1);
    expect(heard).toEqual(['first', 'second']);
    await shared.close();
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
    for (const policy of ['noeviction', 'volatile-lru']) {
      const careful = await start(...AOF, '--maxmemory-policy', policy);
      await new RedisScene(careful.url).open({}, { warn: (message) => warnings.push(message) });
    }
    expect(warnings).toHaveLength(2);
  });

  it('that evicts only what has a time to live keeps all of the schedule, as if it evicted nothing', async () => {
    const server = await start('--maxmemory-policy', 'volatile-lru');
    const repository = await new RedisScene(server.url).open();
    const names = Array.from({ length: 100 }, (_, index) => `i${index}`);
    await repository.register(names.map((name) => onceOff(name)));
    await server.command('set', 'session', 'of the application', 'EX', '1000');
    await server.command('config', 'set', 'maxmemory', '1');
    await expect(claimNames(repository)).rejects.toThrow(/OOM/);
    expect(await server.command('exists', 'session')).toBe(0);
    await server.command('config', 'set', 'maxmemory', '0');
    expect((await claimNames(repository)).sort()).toEqual([...names].sort());
  });

  it('needs to allow no more keys and channels than those of the namespace', async () => {
    const server = await start();
    const { namespace } = new RedisScene(server.url);
    const [keys, channel] = [[`~{${namespace}}:*`, `~{${namespace}:*`], `&{${namespace}}:due`];
    await server.command('acl', 'setuser', 'app', 'on', 'nopass', 'resetchannels', ...keys, channel, '+@all');
    const url = server.url.replace('//', '//app:any@');
    const repository = redisRepository({ url, namespace, notify: true });
    await repository.open({ clock: new SystemClock(), isClockGiven: false });
    onTestFinished(() => repository.close());
    await repository.register([onceOff('a'), onceOff('b', { queue: 'task#0/2' })]);
    await repository.setTemplatePaused('other', true);
    expect(await claimNames(repository, { queues: ['task', 'task#0/2'] })).toHaveLength(2);
    expect(await repository.tasks?.()).toEqual(['task']);
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
