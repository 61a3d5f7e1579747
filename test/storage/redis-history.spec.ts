import type { ExecutionEntry, SettleRequest, TaskRepository } from 'nestjs-pyncette';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MOST_EXECUTIONS } from '../../lib/storage/redis/history-scripts.js';
import { RedisServer, hasRedisServer } from '../databases/redis-server.js';
import { hasRedis } from '../databases/redis.js';
import { RedisScene, onceOff } from './redis-scene.js';

const entry = (number: number, overrides: Partial<ExecutionEntry> = {}): ExecutionEntry => ({
  task: 'task',
  instance: 'bill',
  executionId: `execution ${number}`,
  attempt: 1,
  scheduledAt: number,
  startedAt: number,
  finishedAt: number,
  outcome: 'succeeded',
  error: null,
  process: 'here:1:abc',
  ...overrides,
});

async function listed(
  repository: TaskRepository,
  instance: string | null = null,
  limit = 200_000,
): Promise<readonly ExecutionEntry[]> {
  return (await repository.history?.list({ task: 'task', instance, limit, before: null })) ?? [];
}

const instancesIn = (entries: readonly ExecutionEntry[]): string[] => entries.map(({ instance }) => instance);

const partitions = (count: number) => ({
  queues: Array.from({ length: count }, (_, partition) => `task#${partition}/${count}`),
  queueOf: (name: string) => `task#${Number(name.slice(1)) % count}/${count}`,
});

/** Claims what is due, and answers what settles it for good. */
async function claimed(
  repository: TaskRepository,
  { queues = ['task'], limit = 100 } = {},
): Promise<SettleRequest[]> {
  const tasks = [{ task: 'task', isStatic: false, queues, leaseMs: 60_000, limit }];
  const answer = await repository.claimDue({ tasks, limit, owner: 'test' });
  return answer.claimed.map(({ row: { task, instance, leaseToken, attempt } }, index) => ({
    task,
    instance,
    leaseToken: leaseToken ?? '',
    attempt,
    settlement: { kind: 'done', next: null, jitterMs: 0, error: null },
    execution: entry(index, { instance, executionId: `of ${instance}` }),
  }));
}

describe.runIf(hasRedis())('The history in Redis', () => {
  it('takes names and errors for what they are, whatever is in them', async () => {
    const repository = await new RedisScene().open();
    const names = ['a', 'a"', 'a"0', 'a\\', 'a b', 'ä💡', '0000000000000001', '{a}'];
    const entries = names.map((instance, number) =>
      entry(number, {
        instance,
        attempt: 8 + number,
        executionId: 'the same',
        finishedAt: 1_700_000_000_000,
        outcome: 'failed',
        error: { name: '"\0', message: `\\ \n ${instance}` },
      }),
    );
    await repository.history?.record(entries);
    for (const [number, instance] of names.entries())
      expect(await listed(repository, instance)).toEqual([entries[number]]);
    expect(await listed(repository)).toEqual([...entries].reverse());
    expect(await repository.history?.prune(1_700_000_000_001, 100)).toBe(names.length);
  });

  it('leaves nothing behind when it is pruned, whatever wrote into it', async () => {
    const scene = new RedisScene();
    const repository = await scene.open();
    await repository.history?.record([entry(1), entry(2, { attempt: 12 }), entry(3)]);
    await repository.history?.record([entry(2, { attempt: 12, process: 'elsewhere' })]);
    await scene.client.zadd(`{${scene.namespace}:task}:ended`, 2, 'by hand', 2, 'by\0hand');
    expect(await listed(repository)).toHaveLength(3);
    expect(await listed(repository, 'bill')).toHaveLength(3);
    expect(await repository.history?.prune(4, 100)).toBe(5);
    expect(await repository.history?.prune(4, 100)).toBe(0);
    expect((await scene.keys()).filter((key) => /:(ended|history)$/.test(key))).toEqual([]);
  });

  it('is where its rows are, and found there after the partitions have changed their number', async () => {
    const scene = new RedisScene();
    const [old, present] = [await scene.open(), await scene.open()];
    const names = Array.from({ length: 12 }, (_, index) => `i${index}`);
    const [before, after] = [partitions(3), partitions(5)];
    await old.requeue('task', before);
    await old.register(names.map((name) => onceOff(name, { queue: before.queueOf(name) })));
    await old.history?.record([entry(1, { instance: 'i4' })]);
    await present.requeue('task', after);
    const requests = await claimed(present, { queues: after.queues });
    expect(await present.settle(requests)).toEqual(names.map(() => 'settled'));
    // No answer came: asked again, and now there is no row.
    expect(await present.settle(requests)).toEqual(names.map(() => 'gone'));
    expect(instancesIn(await listed(present)).sort()).toEqual([...names, 'i4'].sort());
    expect(instancesIn(await listed(present, 'i4'))).toEqual(['i4', 'i4']);
    const homes = (await scene.keys()).filter((key) => /#\d%2F3\}:history|#\d\/3\}:history/.test(key));
    expect(homes).toHaveLength(3);
    expect(await present.history?.prune(1_000, 5)).toBe(5);
    while ((await present.history?.prune(1_000, 5)) !== 0);
    expect(await listed(old)).toEqual([]);
  });

  it('is bounded, whatever the retention', async () => {
    const scene = new RedisScene();
    const repository = await scene.open();
    const all = Array.from({ length: MOST_EXECUTIONS + 700 }, (_, number) => entry(number));
    for (let from = 0; from < all.length; from += 10_000)
      await repository.history?.record(all.slice(from, from + 10_000));
    const sizes = ['ended', 'history'].map((key) => scene.client.zcard(`{${scene.namespace}:task}:${key}`));
    expect(await Promise.all(sizes)).toEqual([MOST_EXECUTIONS, MOST_EXECUTIONS]);
    const request = { task: 'task', instance: 'bill', limit: 9, before: entry(703) };
    expect(await repository.history?.list(request)).toEqual([entry(702), entry(701), entry(700)]);
  });

  it('that cannot be written keeps nothing from being settled, and is said once until it can', async () => {
    const scene = new RedisScene();
    const warnings: string[] = [];
    const repository = await scene.open({}, { warn: (message) => warnings.push(message) });
    warnings.length = 0;
    await scene.client.set(`{${scene.namespace}:task}:ended`, 'something else');
    const round = async () => {
      await repository.register(['a', 'b'].map((name) => onceOff(name)));
      const requests = await claimed(repository);
      expect(await repository.settle(requests)).toEqual(['settled', 'settled']);
      expect(await repository.settle(requests)).toEqual(['gone', 'gone']);
    };
    await round();
    await round();
    expect(warnings).toEqual([
      expect.stringMatching(/^The history of executions cannot be written to Redis: .*WRONGTYPE/),
    ]);
    await scene.client.del(`{${scene.namespace}:task}:ended`);
    await round();
    expect(await listed(repository)).toHaveLength(2);
    expect(warnings).toHaveLength(1);
  });
});

describe.runIf(hasRedisServer())('The history in a Redis of its own', () => {
  async function start(...settings: readonly string[]): Promise<RedisServer> {
    const server = await RedisServer.start(...settings);
    onTestFinished(() => server.stop());
    return server;
  }

  it('that is killed has a line for each settlement that it still has, and for no other', async () => {
    const server = await start('--appendonly', 'yes', '--appendfsync', 'everysec');
    const repository = await new RedisScene(server.url).open({ queryTimeout: 2_000 });
    const names = Array.from({ length: 20_000 }, (_, index) => `i${index}`);
    await repository.register(names.map((name) => onceOff(name)));
    let settled = 0;
    const settling = (async () => {
      for (;;) settled += (await repository.settle(await claimed(repository))).length;
    })().catch(() => undefined);
    await expect.poll(() => settled, { timeout: 15_000 }).toBeGreaterThan(1_000);
    await server.signal('SIGKILL');
    await settling;
    await server.restart();
    const find = () => repository.find(names.map((instance) => ({ task: 'task', instance })));
    await expect.poll(() => find().catch(() => []), { timeout: 10_000 }).toHaveLength(names.length);
    const rows = await find();
    const gone = names.filter((_, index) => rows[index] === null);
    expect(gone.length).toBeGreaterThan(0);
    expect(gone.length).toBeLessThan(names.length);
    expect(instancesIn(await listed(repository)).sort()).toEqual(gone.sort());
  });

  it('that is full is not filled further: what is done goes, without a line', async () => {
    const server = await start();
    const warnings: string[] = [];
    const repository = await new RedisScene(server.url).open(
      {},
      { warn: (message) => warnings.push(message) },
    );
    warnings.length = 0;
    await repository.register(['a', 'b'].map((name) => onceOff(name)));
    const [one, other] = await claimed(repository);
    if (one === undefined || other === undefined) return expect.unreachable();
    await server.command('config', 'set', 'maxmemory', '1');
    expect(await repository.settle([one])).toEqual(['settled']);
    expect(warnings).toEqual([expect.stringMatching(/cannot be written to Redis: .*OOM/)]);
    await server.command('config', 'set', 'maxmemory', '0');
    expect(await repository.settle([other])).toEqual(['settled']);
    expect(instancesIn(await listed(repository))).toEqual([other.instance]);
  });
});
