import { DynamicTask } from 'nestjs-pyncette';
import { describe, expect, it } from 'vitest';
import { ownRedis } from '../databases/own-redis.js';
import { RedisAddress } from '../databases/redis-address.js';
import { type RedisServer, hasRedisServer } from '../databases/redis-server.js';
import { RedisApplication } from './redis-application.js';

class Tasks {
  @DynamicTask()
  run(): void {}
}

type App = RedisApplication<Tasks>;

/** An application that would not look again for an hour. */
const start = (url: string, isPolling: boolean): Promise<App> =>
  RedisApplication.start(url, Tasks, {
    redis: { notify: true },
    pollInterval: '1h',
    autoStart: isPolling,
  });

/** One that executes, and one that only schedules; both listen. */
async function workerAndWeb(url: string): Promise<[worker: App, web: App]> {
  const apps: [App, App] = [await start(url, true), await start(url, false)];
  await expect.poll(() => apps[0].pyncette.lastTick, { timeout: 5_000 }).not.toBeNull();
  await apps[1].pyncette.countTasks('run');
  return apps;
}

/** The ids of the connections that are subscribed. */
async function listening(server: RedisServer): Promise<string[]> {
  const list = String(await server.command('client', 'list', 'type', 'pubsub'));
  return [...list.matchAll(/^id=(\d+)/gm)].map(([, id]) => String(id));
}

/** Schedules something nearer than an hour, and expects the worker to start it at its moment. */
async function expectPunctual(worker: App, web: App, name: string): Promise<void> {
  await web.pyncette.scheduleTask('run', name, { executeIn: 300 });
  const started = () => worker.of('task:started').filter(({ instanceName }) => instanceName === name);
  await expect.poll(() => started().length, { timeout: 5_000 }).toBe(1);
  const [{ latenessMs } = { latenessMs: -1 }] = started();
  expect(latenessMs).toBeGreaterThanOrEqual(0);
  expect(latenessMs).toBeLessThan(2_000);
}

describe.runIf(hasRedisServer())('notify on Redis', () => {
  it('wakes other processes for what becomes due before their next poll, also after its connection was lost', async () => {
    const server = await ownRedis();
    const [worker, web] = await workerAndWeb(server.url);
    await expectPunctual(worker, web, 'one');
    const lost = await listening(server);
    expect(lost).toHaveLength(2);
    expect(await server.command('client', 'kill', 'type', 'pubsub')).toBe(2);
    const isBack = async (): Promise<boolean> => {
      const found = await listening(server);
      return found.length === 2 && !found.some((id) => lost.includes(id));
    };
    await expect.poll(isBack, { timeout: 5_000 }).toBe(true);
    await expectPunctual(worker, web, 'two');
    expect(web.of('task:started')).toEqual([]);
  });

  it('subscribes again, also where the connection was lost once more before it had', async () => {
    const server = await ownRedis();
    const address = await RedisAddress.open(server);
    const [worker, web] = await workerAndWeb(address.url);
    address.cutAt = 'subscribe';
    await server.command('client', 'kill', 'type', 'pubsub');
    await expect.poll(() => address.cuts, { timeout: 5_000 }).toBeGreaterThan(3);
    expect(await listening(server)).toEqual([]);
    await web.pyncette.scheduleTask('run', 'meanwhile', { executeIn: 1 });
    address.cutAt = null;
    await expect.poll(async () => (await listening(server)).length, { timeout: 5_000 }).toBe(2);
    await expectPunctual(worker, web, 'one');
    const started = worker.of('task:started').map(({ instanceName }) => instanceName);
    expect(started).toEqual(['meanwhile', 'one']);
  });
});
