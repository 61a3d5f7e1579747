import { setTimeout as sleep } from 'node:timers/promises';
import {
  DynamicTask,
  ExecutionMode,
  type PyncetteService,
  RepositoryException,
  type TaskContext,
} from 'nestjs-pyncette';
import { describe, expect, it } from 'vitest';
import { AOF, ownRedis } from '../databases/own-redis.js';
import { type RedisServer, hasRedisServer } from '../databases/redis-server.js';
import { RedisApplication } from './redis-application.js';

/** So short that a claim whose answer was lost is soon made again. */
const LEASE_MS = 2_000;
const EVERY_MS = 100;
const COUNT = 100;

interface Start {
  readonly instance: string;
  readonly occurrence: number;
  /** By a clock that nobody sets. */
  readonly atMs: number;
}

class Tasks {
  readonly starts: Readonly<Record<'quick' | 'often' | 'atMostOnce' | 'long', Start[]>> = {
    quick: [],
    often: [],
    atMostOnce: [],
    long: [],
  };
  private readonly ending = new AbortController();

  @DynamicTask({ leaseDuration: LEASE_MS })
  async quick(context: TaskContext): Promise<void> {
    this.starts.quick.push(startOf(context));
    await sleep(10);
  }

  @DynamicTask({ leaseDuration: LEASE_MS, missed: 'all' })
  often(context: TaskContext): void {
    this.starts.often.push(startOf(context));
  }

  @DynamicTask({ leaseDuration: LEASE_MS, missed: 'all', executionMode: ExecutionMode.AT_MOST_ONCE })
  atMostOnce(context: TaskContext): void {
    this.starts.atMostOnce.push(startOf(context));
  }

  @DynamicTask()
  async long(context: TaskContext): Promise<void> {
    this.starts.long.push(startOf(context));
    await sleep(60_000, undefined, { signal: this.ending.signal }).catch(() => undefined);
  }

  endLong(): void {
    this.ending.abort();
  }
}

const startOf = ({ task, scheduledAt }: TaskContext): Start => ({
  instance: String(task.instanceName),
  occurrence: scheduledAt.toMillis(),
  atMs: performance.now(),
});

type App = RedisApplication<Tasks>;

const startsOf = (apps: readonly App[], kind: keyof Tasks['starts']): Start[] =>
  apps.flatMap(({ tasks }) => tasks.starts[kind]);

const succeeded = (apps: readonly App[]): string[] =>
  apps.flatMap((app) => app.of('task:succeeded').map(({ instanceName }) => String(instanceName)));

/** Answers how many instances there are. */
async function schedule(pyncette: PyncetteService): Promise<number> {
  const quick = Array.from({ length: COUNT }, (_, index) => ({
    instanceName: `i${index}`,
    executeIn: index * 20,
  }));
  await pyncette.scheduleTask('long', 'anna', { executeIn: 0 });
  await pyncette.scheduleTask('often', 'bill', { interval: EVERY_MS });
  await pyncette.scheduleTask('atMostOnce', 'carl', { interval: EVERY_MS });
  await pyncette.scheduleTasks('quick', quick);
  return COUNT + 3;
}

/** Starts that came while the lease of another start of the same instance must have been alive. */
function overlaps(starts: readonly Start[]): string[] {
  const last = new Map<string, number>();
  const sorted = [...starts].sort((a, b) => a.atMs - b.atMs);
  return sorted.flatMap(({ instance, atMs }) => {
    const before = last.get(instance) ?? Number.NEGATIVE_INFINITY;
    last.set(instance, atMs);
    return atMs - before < LEASE_MS / 2 ? [instance] : [];
  });
}

/** How far apart the occurrences are that ran. */
function distances(starts: readonly Start[]): Set<number> {
  const moments = [...new Set(starts.map(({ occurrence }) => occurrence))].sort((a, b) => a - b);
  return new Set(moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0)));
}

/** Kills the server while work is under way; answers what had been settled by then. */
async function kill(server: RedisServer, apps: readonly App[]): Promise<ReadonlySet<string>> {
  await server.signal('SIGKILL');
  const settled = new Set(succeeded(apps));
  for (const app of apps)
    await expect.poll(() => app.of('repository:failed').length, { timeout: 5_000 }).toBeGreaterThan(2);
  expect(apps.map(({ pyncette }) => pyncette.isHealthy())).toEqual([false, false]);
  return settled;
}

/** Starts the server again, and waits until all work has been done and recurring instances go on. */
async function comeBack(server: RedisServer, apps: readonly App[], count: number): Promise<void> {
  await server.restart();
  for (const app of apps)
    await expect.poll(() => app.of('repository:recovered').length, { timeout: 10_000 }).toBeGreaterThan(0);
  const since = Date.now();
  await apps[0]?.pyncette.scheduleTask('quick', 'after', { executeIn: 0 });
  await expect.poll(() => new Set(succeeded(apps)).size, { timeout: 10_000 }).toBe(count + 1);
  const goesOn = (): boolean => startsOf(apps, 'often').some(({ occurrence }) => occurrence > since);
  await expect.poll(goesOn, { timeout: 5_000 }).toBe(true);
}

/** Instances that were started again, whatever had become of them. */
const startedAgain = (starts: readonly Start[]): string[] =>
  starts.flatMap(({ instance }, index) =>
    starts.findIndex((start) => start.instance === instance) < index ? [instance] : [],
  );

describe.runIf(hasRedisServer())('Two applications on a Redis that is killed and comes back', () => {
  it('say so, go on by themselves, lose nothing and run nothing twice while its lease lives (S6)', async () => {
    const server = await ownRedis(...AOF);
    const one = await RedisApplication.start(server.url, Tasks);
    const apps = [one, await RedisApplication.start(server.url, Tasks)];
    const count = await schedule(one.pyncette);
    await expect.poll(() => startsOf(apps, 'long').length).toBe(1);
    await expect.poll(() => startsOf(apps, 'quick').length).toBeGreaterThan(20);
    const settled = await kill(server, apps);
    // It ends while nobody can be told of it.
    for (const { tasks } of apps) tasks.endLong();
    const refused = one.pyncette.scheduleTask('quick', 'refused', { executeIn: 0 });
    await expect(refused).rejects.toThrow(RepositoryException);
    await comeBack(server, apps, count);

    const reasons = apps.flatMap((app) => app.of('repository:failed').map(({ error }) => String(error)));
    expect(reasons.filter((reason) => !/ECONN|connection/i.test(reason))).toEqual([]);
    for (const { storeEvents, pyncette } of apps) {
      expect([storeEvents[0], storeEvents.at(-1)]).toEqual(['repository:failed', 'repository:recovered']);
      expect(pyncette.isHealthy()).toBe(true);
    }
    const quick = startsOf(apps, 'quick');
    expect(overlaps(quick)).toEqual([]);
    expect(startedAgain(quick).filter((name) => settled.has(name))).toEqual([]);
    expect(quick.map(({ instance }) => instance)).not.toContain('refused');
    expect(distances(startsOf(apps, 'often'))).toEqual(new Set([EVERY_MS]));
    const once = startsOf(apps, 'atMostOnce').map(({ occurrence }) => occurrence);
    expect(new Set(once).size).toBe(once.length);
    expect(startsOf(apps, 'long')).toHaveLength(1);
  });
});
