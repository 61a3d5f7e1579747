import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from 'ioredis';
import { DynamicTask, PartitionedTask, Task, type TaskContext } from 'nestjs-pyncette';
import { redisRepository } from 'nestjs-pyncette/redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { launch } from '../e2e/launch.js';
import { RedisNodes, hasRedisServer } from '../databases/redis-server.js';
import { onceOff } from './redis-scene.js';
import { SystemClock } from '../../lib/core/clock.js';

class Tasks {
  readonly runs: string[] = [];

  @PartitionedTask({ partitionCount: 16 })
  digest(context: TaskContext): void {
    this.runs.push(String(context.task.instanceName));
  }

  @DynamicTask()
  hello(context: TaskContext): void {
    this.runs.push(String(context.task.instanceName));
  }

  @Task({ interval: '10s' })
  often(): void {
    this.runs.push('often');
  }
}

describe.runIf(hasRedisServer())('Three nodes of a Redis Cluster', () => {
  let nodes: RedisNodes;

  beforeAll(async () => {
    nodes = await RedisNodes.start();
  }, 60_000);
  afterAll(() => nodes.stop());

  function connect(): Cluster {
    const client = new Cluster(nodes.addresses, { clusterRetryStrategy: () => 50 });
    client.on('error', () => undefined);
    onTestFinished(() => client.disconnect());
    return client;
  }

  it('run partitioned tasks, whose rows are on all of them', async () => {
    const repository = () => redisRepository({ client: connect(), namespace: 'run' });
    const one = await launch([Tasks], { repository: repository(), history: { retention: '1m' } });
    const other = await launch([Tasks], { repository: repository(), history: {}, clock: one.clock });
    const wanted = Array.from({ length: 200 }, (_, index) => `i${index}`);
    await one.pyncette.scheduleTasks(
      'digest',
      wanted.map((instanceName) => ({ instanceName, executeIn: '5s' })),
    );
    await other.pyncette.scheduleTask('hello', 'bill', { executeIn: '5s' });
    const sizes = await Promise.all(nodes.servers.map((server) => server.command('dbsize')));
    expect(sizes.every((size) => Number(size) > 3)).toBe(true);
    expect((await other.pyncette.listTasks('digest', { limit: 100 })).tasks).toHaveLength(100);
    await one.clock.advance('10s');
    const runs = [one, other].flatMap(({ app }) => app.get(Tasks).runs);
    expect(runs.sort()).toEqual([...wanted, 'bill', 'often'].sort());
    expect((await one.pyncette.listTasks('digest')).tasks).toEqual([]);
    const remembered = async (task: string): Promise<(string | null)[]> => {
      const { executions } = await other.pyncette.listExecutions(task, null, { limit: 300 });
      return executions.map(({ instanceName }) => instanceName);
    };
    expect((await remembered('digest')).sort()).toEqual([...wanted].sort());
    expect(await remembered('hello')).toEqual(['bill']);
    await one.clock.advance('2m');
    expect(await remembered('digest')).toEqual([]);
  });

  it('have one time, and tell each other what is due', async () => {
    const session = { clock: new SystemClock(), isClockGiven: false };
    const options = { namespace: 'tell', notify: true };
    const [speaker, hearer] = [1, 2].map(() => redisRepository({ client: connect(), ...options }));
    if (speaker === undefined || hearer === undefined) return expect.unreachable();
    const heard: number[] = [];
    await speaker.open(session);
    await hearer.open({ ...session, onDueElsewhere: (at) => heard.push(at) });
    expect(Math.abs(speaker.now() - Date.now())).toBeLessThan(1_000);
    const due = speaker.now() + 500;
    speaker.announceDue?.(due);
    await expect.poll(() => heard).toEqual([due]);
    await Promise.all([speaker.close(), hearer.close()]);
  });

  it('one that dies and comes back keeps nobody from going on', { timeout: 40_000 }, async () => {
    const repository = redisRepository({ client: connect(), namespace: 'die', queryTimeout: 1_000 });
    await repository.open({ clock: new SystemClock(), isClockGiven: false });
    const queues = Array.from({ length: 16 }, (_, partition) => `task#${partition}/16`);
    const register = (round: number) =>
      repository.register(queues.map((queue, index) => onceOff(`r${round}i${index}`, { queue })));
    await register(0);
    const [victim] = nodes.servers;
    await victim?.signal('SIGSTOP');
    await expect(register(1)).rejects.toThrow(/Redis/);
    await victim?.signal('SIGCONT');
    await sleep(100);
    await expect
      .poll(
        () =>
          register(2).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true);
    const claim = async () => {
      const tasks = [{ task: 'task', isStatic: false, queues, leaseMs: 60_000, limit: 100 }];
      const { claimed } = await repository.claimDue({ tasks, limit: 100, owner: 'test' });
      return claimed.map(({ row }) => row.instance);
    };
    const claimed = await claim();
    expect(claimed.filter((name) => !name.startsWith('r1')).length).toBe(32);
    expect(new Set(claimed).size).toBe(claimed.length);
    expect(await claim()).toEqual([]);
    await repository.close();
  });

  it('are not reached by a url of one of them', async () => {
    const [node] = nodes.servers;
    const repository = redisRepository({ url: node?.url ?? '', namespace: 'url' });
    await expect(repository.open({ clock: new SystemClock(), isClockGiven: false })).rejects.toThrow(
      /is a node of a Redis Cluster: give redisRepository\(\{ client: new Cluster/,
    );
  });
});
