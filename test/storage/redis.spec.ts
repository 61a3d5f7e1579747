import { Redis } from 'ioredis';
import type { RepositorySession } from 'nestjs-pyncette';
import { redisRepository } from 'nestjs-pyncette/redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SystemClock } from '../../lib/core/clock.js';
import { hasRedis } from '../databases/redis.js';
import { RedisScene, claimNames, onceOff } from './redis-scene.js';

const placement = (count: number) => ({
  queues: Array.from({ length: count }, (_, partition) => `task#${partition}/${count}`),
  queueOf: (name: string) => `task#${Number(name.slice(1)) % count}/${count}`,
});

const names = Array.from({ length: 12 }, (_, index) => `i${index}`);

describe.runIf(hasRedis())('Redis', () => {
  it('keeps namespaces apart', async () => {
    const [one, other] = [new RedisScene(), new RedisScene()];
    const [mine, theirs] = [await one.open(), await other.open()];
    await mine.register([onceOff('bill')]);
    expect(await theirs.find([{ task: 'task', instance: 'bill' }])).toEqual([null]);
    expect([await claimNames(theirs), await theirs.tasks?.()]).toEqual([[], []]);
    expect([await claimNames(mine), await mine.tasks?.()]).toEqual([['bill'], ['task']]);
    expect((await one.keys()).every((key) => key.startsWith(`{${one.namespace}`))).toBe(true);
  });

  it('has all keys of a queue in one slot, those of other queues in others', async () => {
    const scene = new RedisScene();
    const repository = await scene.open();
    const { queues } = placement(8);
    await repository.register(queues.map((queue, index) => onceOff(`i${index}`, { queue })));
    await repository.setTemplatePaused('task', true);
    const slots = new Map<string, Set<number>>();
    for (const key of await scene.keys()) {
      const [tag = ''] = /^\{[^}]*\}/.exec(key) ?? [];
      const slot = Number(await scene.client.call('cluster', 'keyslot', key).catch(() => slotOf(key)));
      slots.set(tag, (slots.get(tag) ?? new Set()).add(slot));
    }
    expect(slots.size).toBe(8 + 2);
    expect([...slots.values()].map((some) => some.size)).toEqual(Array(10).fill(1));
    expect(new Set([...slots.values()].flatMap((some) => [...some])).size).toBeGreaterThan(5);
  });

  it('takes names with braces, colons and the like for what they are', async () => {
    const scene = new RedisScene();
    const repository = await scene.open();
    const tasks = ['a}', 'a', 'a:b', 'a#0/2', '{a', '%7D', 'a}:due:x'];
    await repository.register(tasks.map((task) => onceOff('x', { task })));
    await repository.register([onceOff('x', { task: 'b', queue: 'b#0/2' }), onceOff('x', { task: 'b#0/2' })]);
    expect(await repository.tasks?.()).toEqual([...tasks, 'b', 'b#0/2'].sort());
    for (const task of [...tasks, 'b#0/2'])
      expect([task, await claimNames(repository, { task, queues: [task] })]).toEqual([task, ['x']]);
    expect(await claimNames(repository, { task: 'b', queues: ['b#0/2'] })).toEqual(['x']);
  });

  it('knows a task whose first registration failed half way', async () => {
    const scene = new RedisScene();
    const repository = await scene.open();
    await scene.client.set(`{${scene.namespace}}:tasks`, 'no set');
    await expect(repository.register([onceOff('bill')])).rejects.toThrow(/WRONGTYPE/);
    await scene.client.del(`{${scene.namespace}}:tasks`);
    await repository.register([onceOff('bill')]);
    expect(await repository.tasks?.()).toEqual(['task']);
  });

  it('names the tasks that have rows, however many had some before them', async () => {
    const repository = await new RedisScene().open();
    const rows = Array.from({ length: 450 }, (_, index) => onceOff('x', { task: `task${1_000 + index}` }));
    await repository.register(rows);
    expect(await repository.tasks?.()).toEqual(rows.slice(0, 200).map(({ task }) => task));
    await repository.unregister(rows.slice(0, 440));
    expect(await repository.tasks?.()).toEqual(rows.slice(440).map(({ task }) => task));
  });

  it('goes on when its scripts are forgotten', async () => {
    const scene = new RedisScene();
    const repository = await scene.open();
    for (const name of ['a', 'b', 'c']) {
      await repository.register([onceOff(name)]);
      await scene.client.script('FLUSH');
      expect(await claimNames(repository)).toEqual([name]);
    }
  });

  it.each([
    [2, 3],
    [4, 1],
    [3, 12],
  ])('finds, runs and unschedules everything after %i partitions became %i', async (before, after) => {
    const scene = new RedisScene();
    const [old, present] = [await scene.open(), await scene.open()];
    await old.requeue('task', placement(before));
    await old.register(names.map((name) => onceOff(name, { queue: placement(before).queueOf(name) })));
    await old.pause([{ task: 'task', instance: 'i0' }]);
    expect(await present.requeue('task', placement(after))).toBe(12);
    expect(await present.requeue('task', placement(after))).toBe(0);
    const [paused] = await present.resume([
      { task: 'task', instance: 'i0', from: 'schedule', place: () => null },
    ]);
    expect(paused?.queue).toBe(placement(after).queueOf('i0'));
    expect(await present.unregister([{ task: 'task', instance: 'i11' }])).toEqual([true]);
    const page = { task: 'task', isStatic: false, limit: 100, after: null, state: null };
    expect((await present.list(page)).map(({ row }) => row.instance)).toEqual(names.slice(0, 11).sort());
    const { queues } = placement(after);
    const claimed: string[] = [];
    for (const queue of queues) claimed.push(...(await claimNames(present, { queues: [queue] })));
    expect(claimed.sort()).toEqual(names.slice(0, 11).sort());
    expect(await claimNames(old, { queues: placement(before).queues })).toEqual([]);
  });

  it('polls a queue where another process has moved its rows to, without being told', async () => {
    const scene = new RedisScene();
    const [running, starting] = [await scene.open(), await scene.open()];
    await running.register([onceOff('i0', { queue: 'task#0/2' })]);
    const { queues } = placement(3);
    expect(await claimNames(running, { queues })).toEqual([]);
    await starting.requeue('task', placement(3));
    expect(await claimNames(running, { queues })).toEqual(['i0']);
  });

  it('creates an instance once, though releases with different partitions do so at once', async () => {
    const scene = new RedisScene();
    const [old, present] = [await scene.open(), await scene.open()];
    await old.requeue('task', placement(2));
    await present.requeue('task', placement(5));
    for (let round = 0; round < 20; round++) {
      const all = names.map((name) => `${name}${round}`);
      const registered = (count: number) =>
        all.map((name) => onceOff(name, { queue: placement(count).queueOf(name) }));
      await Promise.all([old.register(registered(2)), present.register(registered(5))]);
      const page = { task: 'task', isStatic: false, limit: 100, after: null, state: null };
      expect((await old.list(page)).map(({ row }) => row.instance).sort()).toEqual([...all].sort());
      await present.unregister(all.map((instance) => ({ task: 'task', instance })));
    }
  });

  it('lists thousands over many partitions in order, page by page', async () => {
    const scene = new RedisScene();
    const repository = await scene.open();
    const all = Array.from({ length: 3_000 }, (_, index) => `i${index}`);
    await repository.register(all.map((name) => onceOff(name, { queue: placement(7).queueOf(name) })));
    const seen: string[] = [];
    for (let after: string | null = null; ; after = seen.at(-1) ?? null) {
      const page = await repository.list({ task: 'task', isStatic: false, limit: 170, after, state: null });
      seen.push(...page.map(({ row }) => row.instance));
      if (page.length < 170) break;
    }
    expect(seen).toEqual([...all].sort());
  });

  it('knows its time with fractions of a millisecond, unless a clock is given', async () => {
    const repository = await new RedisScene().open();
    const exact: number[] = [];
    for (let round = 0; round < 10; round++) {
      const before = repository.now();
      exact.push(repository.exactNow?.() ?? 0);
      expect(exact.at(-1)).toBeGreaterThanOrEqual(before);
      expect(exact.at(-1)).toBeLessThan(repository.now() + 1);
    }
    expect(exact.some((moment) => !Number.isInteger(moment))).toBe(true);
    const clock = { now: () => 7, sleep: async () => undefined };
    expect((await new RedisScene().open({}, { clock, isClockGiven: true })).exactNow?.()).toBe(7);
  });

  it('tells other processes what becomes due, the nearest of many', async () => {
    const scene = new RedisScene();
    const heard: number[] = [];
    const own: number[] = [];
    const speaker = await scene.open({ notify: true }, { onDueElsewhere: (at) => own.push(at) });
    await scene.open({ notify: true }, { onDueElsewhere: (at) => heard.push(at) });
    const soon = speaker.now() + 60_000;
    for (let later = 500; later >= 0; later--) speaker.announceDue?.(soon + later);
    await expect.poll(() => heard.at(-1)).toBe(soon);
    speaker.announceDue?.(soon + 1);
    speaker.announceDue?.(soon - 1);
    await expect.poll(() => heard.at(-1)).toBe(soon - 1);
    expect(heard.length).toBeLessThanOrEqual(4);
    expect(own).toEqual([]);
  });

  it('tells nothing any more to an application that has closed while another goes on with the same repository', async () => {
    const scene = new RedisScene();
    const speaker = await scene.open({ notify: true });
    const heard: string[] = [];
    const session = (name: string): RepositorySession => ({
      clock: new SystemClock(),
      isClockGiven: false,
      onDueElsewhere: () => heard.push(name),
    });
    const [closing, staying] = [session('closing'), session('staying')];
    const shared = redisRepository({ url: scene.url, namespace: scene.namespace, notify: true });
    await shared.open(closing);
    await shared.open(staying);
    await shared.close(closing);
    onTestFinished(() => shared.close(staying));
    speaker.announceDue?.(speaker.now() + 60_000);
    await expect.poll(() => heard).toContain('staying');
    expect(heard).toEqual(['staying']);
  });

  it('says nothing to anybody unless it was asked to', async () => {
    const scene = new RedisScene();
    const quiet = await scene.open();
    quiet.announceDue?.(quiet.now());
    expect(await scene.client.pubsub('NUMSUB', `{${scene.namespace}}:due`)).toEqual([
      `{${scene.namespace}}:due`,
      0,
    ]);
  });

  it('leaves a client of the application open, and uses its prefix', async () => {
    const scene = new RedisScene();
    const client = new Redis(scene.url, { keyPrefix: `{${scene.namespace}:prefix}` });
    onTestFinished(() => client.disconnect());
    const repository = redisRepository({ client });
    await repository.open({ clock: { now: () => 0, sleep: async () => undefined }, isClockGiven: true });
    await repository.register([onceOff('bill')]);
    expect(await claimNames(repository)).toEqual(['bill']);
    await repository.close();
    expect(await client.ping()).toBe('PONG');
    expect((await scene.keys()).every((key) => key.startsWith(`{${scene.namespace}:prefix}`))).toBe(true);
  });

  it('joins no transaction', async () => {
    const repository = await new RedisScene().open();
    await expect(repository.register([onceOff('bill')], {})).rejects.toThrow(
      /Redis, which cannot join a transaction of a database: leave `manager` out/,
    );
  });

  it('refuses a schedule of another release', async () => {
    const scene = new RedisScene();
    await scene.client.set(`{${scene.namespace}}:format`, '2');
    await expect(scene.open()).rejects.toThrow(/has format 2, this release needs 1/);
  });
});

/** CRC16 (XMODEM) of the tag, as a cluster computes it: for servers that are none. */
function slotOf(key: string): number {
  let crc = 0;
  for (const byte of Buffer.from(/\{([^}]+)\}/.exec(key)?.[1] ?? key)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc % 16_384;
}
