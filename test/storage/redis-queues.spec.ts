import { describe, expect, it } from 'vitest';
import type { TaskRepository } from 'nestjs-pyncette';
import { Connection } from '../../lib/storage/redis/connection.js';
import { Controls } from '../../lib/storage/redis/controls.js';
import { Directory } from '../../lib/storage/redis/directory.js';
import { DueLook } from '../../lib/storage/redis/due-look.js';
import { HeldNames } from '../../lib/storage/redis/held-names.js';
import { HistoryLosses } from '../../lib/storage/redis/history-losses.js';
import { Keys } from '../../lib/storage/redis/keys.js';
import { Link } from '../../lib/storage/redis/link.js';
import { Listing } from '../../lib/storage/redis/listing.js';
import { MovedQueues } from '../../lib/storage/redis/moved-queues.js';
import { RowWriter } from '../../lib/storage/redis/row-writer.js';
import type { Script } from '../../lib/storage/redis/script.js';
import { Twins } from '../../lib/storage/redis/twins.js';
import { hasRedis } from '../databases/redis.js';
import { RedisScene, claimNames, onceOff } from './redis-scene.js';

const PARTITIONS = 32;
const queueOf = (partition: number, count = PARTITIONS): string => `task#${partition}/${count}`;
const queues = Array.from({ length: PARTITIONS }, (_, partition) => queueOf(partition));
const ofPartitions = (count: number) => ({
  queues: Array.from({ length: count }, (_, partition) => queueOf(partition, count)),
  queueOf: (name: string) => queueOf(Number(name.slice(1)) % count, count),
});

/** Counts what is asked, and what scripts answer. */
class CountingLink extends Link {
  longest = 0;
  trips = 0;

  override trip<T>(send: () => Promise<T>): Promise<T> {
    this.trips++;
    return super.trip(send);
  }

  override async script(
    ...asked: readonly [Script, readonly string[], readonly (string | number | Buffer)[]]
  ) {
    const answer = await super.script(...asked);
    this.longest = Math.max(this.longest, JSON.stringify(answer).split(',').length);
    return answer;
  }
}

/** The parts of a repository, to be looked at by themselves. */
function connect({ url: source, namespace }: RedisScene) {
  const connection = new Connection({
    source,
    namespace,
    notify: false,
    queryTimeoutMs: 10_000,
    problems: [],
  });
  return { connection, link: new CountingLink(connection, 10_000), keys: new Keys(namespace) };
}

/** A queue in which names stand that have no rows. */
async function withDanglingNames(
  scene: RedisScene,
  repository: TaskRepository,
  queue: string,
): Promise<void> {
  await repository.register([onceOff('real', { queue, place: (now) => now - 1 })]);
  const [key] = (await scene.keys()).filter((name) => name.includes(':due:'));
  const names = Array.from({ length: 100 }, (_, index) => [index, `gone${index}`]);
  await scene.client.zadd(String(key), ...names.flat());
}

describe.runIf(hasRedis())('queues in Redis', () => {
  it('are looked at for about as many rows as may be claimed, however many there are', async () => {
    const scene = new RedisScene();
    const repository = await scene.open();
    const all = queues.flatMap((queue) =>
      Array.from({ length: 150 }, (_, index) => onceOff(`${queue}.${index}`, { queue })),
    );
    await repository.register(all);
    const { link, keys, connection } = connect(scene);
    const look = new DueLook(link, keys, new MovedQueues(link, keys));
    const task = { task: 'task', isStatic: false, queues, leaseMs: 1_000, limit: 100 };
    const { due } = await look.look([task], 100, null);
    connection.close();
    expect(due.length).toBeGreaterThan(100);
    // A name and a moment each.
    expect(link.longest).toBeLessThan(2 * 300);
  });

  it('give all that may be claimed where one of many has everything that is due', async () => {
    const scene = new RedisScene();
    const repository = await scene.open();
    const names = Array.from({ length: 250 }, (_, index) => `i${index}`);
    await repository.register(names.map((name) => onceOff(name, { queue: queueOf(7) })));
    for (const count of [100, 100, 50, 0])
      expect(await claimNames(repository, { queues, limit: 100 })).toHaveLength(count);
  });

  it('lose names that have no row, so that these keep nothing else waiting', async () => {
    const scene = new RedisScene();
    const repository = await scene.open();
    await withDanglingNames(scene, repository, 'task');
    const claimed: string[] = [];
    await expect
      .poll(async () => {
        claimed.push(...(await claimNames(repository)));
        return claimed;
      })
      .toEqual(['real']);
  });

  it('are moved although names stand in them that have no row', async () => {
    const scene = new RedisScene();
    const repository = await scene.open();
    await withDanglingNames(scene, repository, queueOf(0, 2));
    const placement = { ...ofPartitions(3), queueOf: () => queueOf(1, 3) };
    expect(await repository.requeue('task', placement)).toBe(1);
    expect(await claimNames(repository, { queues: placement.queues })).toEqual(['real']);
  });

  it('that rows were moved to are forgotten when they have been empty for long', async () => {
    const scene = new RedisScene();
    const time = { now: Date.now() };
    const clock = { now: () => time.now, sleep: () => Promise.resolve() };
    const repository = await scene.open({}, { clock, isClockGiven: true });
    const pairs = async (): Promise<number> => scene.client.hlen(`{${scene.namespace}:task}:control`);
    const keys = Array.from({ length: 12 }, (_, index) => ({ task: 'task', instance: `i${index}` }));
    await repository.requeue('task', ofPartitions(2));
    await repository.register(
      keys.map(({ instance }) => onceOff(instance, { queue: ofPartitions(2).queueOf(instance) })),
    );
    await repository.requeue('task', ofPartitions(3));
    const inUse = await pairs();
    expect(inUse).toBeGreaterThan(4);
    time.now += 3_600_000;
    await repository.requeue('task', ofPartitions(3));
    expect(await pairs()).toBe(inUse);
    await repository.unregister(keys.slice(1));
    // The first one finds that nothing is there; a second one soon after leaves it, one long after forgets it.
    for (const [laterMs, left] of [
      [1_000, inUse],
      [60_000, inUse],
      [660_000, 1],
    ] as const) {
      time.now += laterMs;
      await repository.requeue('task', ofPartitions(3));
      expect([laterMs, await pairs()]).toEqual([laterMs, left]);
    }
    expect(await claimNames(repository, { queues: ofPartitions(3).queues })).toEqual(['i0']);
  });

  it('of two releases have an instance once, though one of two that were created at once was claimed already', async () => {
    const scene = new RedisScene();
    const repository = await scene.open();
    await repository.register([onceOff('i0', { queue: queueOf(0, 2) })]);
    const [found] = await repository.find([{ task: 'task', instance: 'i0' }]);
    if (!found) return expect.unreachable();
    const { link, keys, connection } = connect(scene);
    const directory = new Directory(link, keys);
    directory.place('task', ofPartitions(5));
    const writer = new RowWriter(link, keys, new HistoryLosses(() => undefined));
    const born = {
      cell: { key: { task: 'task', instance: 'i0' }, home: null, version: '', row: null },
      row: { ...found.row, queue: queueOf(0, 5) },
    };
    const written = await writer.write([born]);
    const rows = keys.home('task', queueOf(0, 5)).rows;
    const text = String(await scene.client.hget(rows, 'i0'));
    await scene.client.hset(rows, 'i0', `claimed${text}`);
    expect(await new Twins(directory, writer).withdraw([born], written)).toEqual([null]);
    connection.close();
    expect(await scene.client.hexists(rows, 'i0')).toBe(0);
    expect(await repository.find([{ task: 'task', instance: 'i0' }])).toEqual([found]);
  });

  it('keep what is held apart: it is found without looking at anything else, in order and page by page', async () => {
    const scene = new RedisScene();
    const repository = await scene.open();
    const all = Array.from({ length: 3_000 }, (_, index) => `i${index}`);
    await repository.requeue('task', ofPartitions(2));
    await repository.register(all.map((name) => onceOff(name, { queue: ofPartitions(2).queueOf(name) })));
    const held = all.filter((_, index) => index % 500 === 7);
    await repository.pause(held.map((instance) => ({ task: 'task', instance })));
    await repository.requeue('task', ofPartitions(3));
    const { link, keys, connection } = connect(scene);
    const directory = new Directory(link, keys);
    const names = new HeldNames(link, directory, new MovedQueues(link, keys));
    const listing = new Listing(link, directory, new Controls(link, keys), names, Date.now);
    const filter = { task: 'task', isStatic: false, state: 'paused' } as const;
    expect(await listing.count(filter)).toBe(held.length);
    expect(link.trips).toBeLessThan(10);
    const pages: string[][] = [];
    for (let after: string | null = null; pages.length < 4; after = pages.at(-1)?.at(-1) ?? null)
      pages.push((await listing.list({ ...filter, limit: 2, after })).map(({ row }) => row.instance));
    expect(pages.flat()).toEqual([...held].sort());
    expect(await listing.count({ ...filter, namePrefix: 'i15' })).toBe(1);
    expect(await listing.count({ ...filter, state: 'parked' })).toBe(0);
    await repository.setTemplatePaused('task', true);
    expect(await listing.count(filter)).toBe(all.length);
    connection.close();
  });
});
