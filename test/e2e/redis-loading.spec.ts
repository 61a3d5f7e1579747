import { spawnSync } from 'node:child_process';
import { DynamicTask, type TaskContext } from 'nestjs-pyncette';
import { describe, expect, it } from 'vitest';
import { ownRedis } from '../databases/own-redis.js';
import { REDIS_PROGRAMS } from '../databases/redis-programs.js';
import { type RedisServer, hasRedisServer } from '../databases/redis-server.js';
import { RedisApplication } from './redis-application.js';

class Tasks {
  readonly names: string[] = [];

  @DynamicTask()
  run(context: TaskContext): void {
    this.names.push(String(context.task.instanceName));
  }
}

const KEYS = 400;

/** It loads for twenty seconds if it is let, with ears for who asks meanwhile. */
const SLOW = [
  '--rdbcompression=no',
  '--key-load-delay=50000',
  '--loading-process-events-interval-bytes=1024',
].flatMap((setting) => setting.split('='));

/** Before Redis 7 nobody had to allow it. */
function debugAllowed(): readonly string[] {
  const { stdout } = spawnSync(REDIS_PROGRAMS.server, ['--version'], { encoding: 'utf8' });
  return Number(/v=(\d+)/.exec(stdout)?.[1]) < 7 ? [] : ['--enable-debug-command', 'yes'];
}

/** A server with much to load. */
async function slowRedis(...settings: readonly string[]): Promise<RedisServer> {
  const server = await ownRedis(...SLOW, ...settings);
  const fill = `for i = 1, ${KEYS} do redis.call('set', 'ballast:' .. i, string.rep('x', 1000)) end`;
  await server.command('eval', fill, '0');
  return server;
}

/** What the server answers to a client that asks for nothing but a sign of life. */
const answerOf = (server: RedisServer): Promise<string> =>
  server.command('ping').then(String, (error: Error) => error.message);

const LOADING = /^LOADING /;

/** How long it will go on loading, as the server sees it, in seconds. */
async function restOf(server: RedisServer): Promise<number> {
  return Number(/loading_eta_seconds:(\d+)/.exec(String(await server.command('info')))?.[1] ?? 0);
}

/** Lets it load at its speed. */
const hurry = (server: RedisServer): Promise<unknown> =>
  server.command('config', 'set', 'key-load-delay', '0');

const run = (app: RedisApplication<Tasks>, name: string): Promise<void> =>
  app.pyncette.scheduleTask('run', name, { executeIn: 0 });

const isDone = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );

describe.runIf(hasRedisServer())('An application on a Redis that is loading', () => {
  it('after a restart waits within queryTimeout, or gives up, and goes on soon after', async () => {
    const server = await slowRedis();
    const patient = await RedisApplication.start(server.url, Tasks);
    const redis = { queryTimeout: 200 };
    const hasty = await RedisApplication.start(server.url, Tasks, { redis, autoStart: false });
    // Both have been connected before.
    for (const { pyncette } of [patient, hasty]) await pyncette.countTasks('run');
    await server.command('save');
    await server.signal('SIGKILL');
    await server.restart();
    await expect(run(hasty, 'hasty')).rejects.toThrow('Redis has not answered within 200 ms (queryTimeout)');
    await expect.poll(() => restOf(server), { timeout: 5_000 }).toBeGreaterThan(10);
    const waiting = isDone(run(patient, 'patient'));
    expect(await answerOf(server)).toMatch(LOADING);
    expect(patient.tasks.names).toEqual([]);
    await hurry(server);
    await expect.poll(() => patient.tasks.names, { timeout: 5_000 }).toEqual(['patient']);
    expect(await waiting).toBe(true);
    expect(await answerOf(server)).toBe('PONG');
    await expect.poll(() => isDone(run(hasty, 'again')), { timeout: 5_000 }).toBe(true);
    await expect.poll(() => patient.tasks.names, { timeout: 5_000 }).toContain('again');
    expect(hasty.storeEvents.at(-1)).toBe('repository:recovered');
  });

  it('on a connection that it kept is refused until all is loaded, and goes on', async () => {
    const server = await slowRedis(...debugAllowed());
    const app = await RedisApplication.start(server.url, Tasks, { pollInterval: 100 });
    await app.pyncette.scheduleTask('run', 'before', { executeIn: '1s' });
    const loaded = server.command('debug', 'reload');
    await expect.poll(() => answerOf(server), { interval: 10 }).toMatch(LOADING);
    await expect(run(app, 'during')).rejects.toThrow(/^Redis failed: LOADING /);
    expect(await answerOf(server)).toMatch(LOADING);
    expect(app.pyncette.isHealthy()).toBe(false);
    await hurry(server);
    await loaded;
    await expect.poll(() => app.storeEvents.at(-1), { timeout: 5_000 }).toBe('repository:recovered');
    await run(app, 'after');
    await expect.poll(() => [...app.tasks.names].sort(), { timeout: 5_000 }).toEqual(['after', 'before']);
    expect(String(app.of('repository:failed')[0]?.error)).toMatch(/LOADING/);
  });
});
