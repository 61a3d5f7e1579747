import { DynamicTask, type TaskContext } from 'nestjs-pyncette';
import { describe, expect, it } from 'vitest';
import { AOF, ownRedis } from '../databases/own-redis.js';
import { RedisAddress } from '../databases/redis-address.js';
import { type RedisServer, hasRedisServer } from '../databases/redis-server.js';
import { RedisApplication } from './redis-application.js';

const EVERY_MS = 100;

class Tasks {
  readonly names: string[] = [];
  readonly occurrences: number[] = [];

  @DynamicTask()
  run(context: TaskContext): void {
    this.names.push(String(context.task.instanceName));
  }

  @DynamicTask({ missed: 'all' })
  often(context: TaskContext): void {
    this.occurrences.push(context.scheduledAt.toMillis());
  }
}

type App = RedisApplication<Tasks>;

const info = async (server: RedisServer): Promise<string> =>
  String(await server.command('info', 'replication'));

/** What a server says it is. */
const roleOf = async (server: RedisServer): Promise<string> =>
  /role:(\w+)/.exec(await info(server))?.[1] ?? '';

/** How far it has come in what is replicated. */
async function offsetOf(server: RedisServer, kind: 'master' | 'slave'): Promise<number> {
  return Number(new RegExp(`${kind}_repl_offset:(\\d+)`).exec(await info(server))?.[1]);
}

/** Replicas are served at once. */
const SETTINGS = [...AOF, '--repl-diskless-sync-delay', '0'];

/** A master and a replica that has all it has. */
async function masterAndReplica(): Promise<[RedisServer, RedisServer]> {
  const servers: [RedisServer, RedisServer] = [await ownRedis(...SETTINGS), await ownRedis(...SETTINGS)];
  const [master, replica] = servers;
  await replica.command('replicaof', '127.0.0.1', String(master.port));
  await expect.poll(() => info(replica), { timeout: 10_000 }).toMatch(/master_link_status:up/);
  await expect.poll(() => info(master)).toMatch(/slave0:.*state=online/);
  return servers;
}

/** By hand, while writes wait, so that none is lost: first the replica is promoted, then the master becomes its replica. */
async function promote(
  master: RedisServer,
  replica: RedisServer,
  followed = String(replica.port),
): Promise<void> {
  await master.command('client', 'pause', '10000', 'write');
  const offset = await offsetOf(master, 'master');
  await expect.poll(() => offsetOf(replica, 'slave'), { timeout: 5_000 }).toBeGreaterThanOrEqual(offset);
  await replica.command('replicaof', 'no', 'one');
  await master.command('replicaof', '127.0.0.1', followed);
  await master.command('client', 'unpause');
}

/** As Redis itself hands over. */
async function failOver(master: RedisServer, replica: RedisServer): Promise<void> {
  await master.command('failover', 'to', '127.0.0.1', String(replica.port));
  await expect.poll(() => roleOf(replica), { timeout: 5_000 }).toBe('master');
  await expect.poll(() => roleOf(master), { timeout: 5_000 }).toBe('slave');
}

const reasonsOf = (app: App): string[] => app.of('repository:failed').map(({ error }) => String(error));

/** An application with something that recurs, which runs. */
async function start(url: string): Promise<App> {
  const app = await RedisApplication.start(url, Tasks, { redis: { notify: true } });
  await app.pyncette.scheduleTask('run', 'later', { executeIn: 1_500 });
  await app.pyncette.scheduleTask('often', 'bill', { interval: EVERY_MS });
  await expect.poll(() => app.tasks.occurrences.length, { timeout: 5_000 }).toBeGreaterThan(1);
  return app;
}

/** All goes on: what recurs without a gap, what was scheduled before, and what is scheduled now; nothing of it twice. */
async function expectResumed(app: App): Promise<void> {
  const { tasks, pyncette } = app;
  await expect.poll(() => app.storeEvents.at(-1), { timeout: 10_000 }).toBe('repository:recovered');
  const before = tasks.occurrences.length;
  await pyncette.scheduleTask('run', 'after', { executeIn: 0 });
  await expect.poll(() => [...tasks.names].sort(), { timeout: 5_000 }).toEqual(['after', 'later']);
  await expect.poll(() => tasks.occurrences.length, { timeout: 5_000 }).toBeGreaterThan(before);
  const [first = 0] = tasks.occurrences;
  expect(tasks.occurrences).toEqual(tasks.occurrences.map((_, index) => first + index * EVERY_MS));
}

describe.runIf(hasRedisServer())('An application whose Redis has become a replica', () => {
  it('goes on with the new master, where its address leads there', async () => {
    const [old, promoted] = await masterAndReplica();
    const address = await RedisAddress.open(old);
    const app = await start(address.url);
    address.lead(promoted);
    await promote(old, promoted);
    await expectResumed(app);
    expect(reasonsOf(app).join('\n')).toMatch(/READONLY/);
    // The promoted one needs nobody.
    await old.signal('SIGKILL');
    await app.pyncette.scheduleTask('run', 'alone', { executeIn: 0 });
    await expect.poll(() => app.tasks.names, { timeout: 5_000 }).toContain('alone');
  });

  it('goes on with the new master, also where the old one does not get there and answers nothing', async () => {
    const [old, promoted] = await masterAndReplica();
    const address = await RedisAddress.open(old);
    const app = await start(address.url);
    address.lead(promoted);
    await old.command('config', 'set', 'replica-serve-stale-data', 'no');
    await promote(old, promoted, '1');
    await expectResumed(app);
    expect(reasonsOf(app).join('\n')).toMatch(/MASTERDOWN/);
  });

  it('goes on with the old master, once that is the master again', async () => {
    const [old, promoted] = await masterAndReplica();
    const app = await start(old.url);
    await failOver(old, promoted);
    await expect.poll(() => reasonsOf(app).join('\n'), { timeout: 5_000 }).toMatch(/READONLY/);
    await expect(app.pyncette.scheduleTask('run', 'refused', { executeIn: 0 })).rejects.toThrow(/READONLY/);
    expect(app.pyncette.isHealthy()).toBe(false);
    await failOver(promoted, old);
    await expectResumed(app);
  });
});
