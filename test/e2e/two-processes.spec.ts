import { Test } from '@nestjs/testing';
import {
  DynamicTask,
  PyncetteModule,
  PyncetteService,
  Task,
  type TaskRepository,
  memoryRepository,
} from 'nestjs-pyncette';
import { redisRepository } from 'nestjs-pyncette/redis';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { DATABASES, createDatabase, isAvailable } from '../databases/databases.js';
import { hasRedis } from '../databases/redis.js';
import { RedisScene } from '../storage/redis-scene.js';
import { Build, Child } from './child.js';
import { LogBook } from './launch.js';
import { obedientTasks } from './obedient-tasks.mjs';

const POLL_MS = 250;
/** Within a poll interval, and what a busy machine takes to claim, to execute and to say so. */
const OBEYED = { timeout: POLL_MS + 2_000, interval: 10 };

/** Another process that executes: what it has executed until now. */
type Executed = () => readonly string[];

async function application(repository: TaskRepository, say: (line: string) => void, autoStart: boolean) {
  const app = await Test.createTestingModule({
    imports: [PyncetteModule.forRoot({ repository, pollInterval: POLL_MS, autoStart })],
    providers: [obedientTasks({ Task, DynamicTask }, say)],
  })
    .setLogger(new LogBook())
    .compile();
  onTestFinished(() => app.close());
  await app.init();
  return app.get(PyncetteService);
}

/** What one process asks for, and what another has to do about it. */
class Scene {
  private probes = 0;

  /** @param pyncette of a process that executes nothing */
  constructor(
    readonly pyncette: PyncetteService,
    readonly executed: Executed,
  ) {}

  count(what: string): number {
    return this.executed().filter((line) => line.startsWith(what)).length;
  }

  /** Something is executed once more, within a poll interval. */
  async runs(what: string, times = 1): Promise<void> {
    const before = this.count(what);
    await expect.poll(() => this.count(what), OBEYED).toBeGreaterThanOrEqual(before + times);
  }

  /** Something is executed no more: two polls later, each of which served a call, it has not been. */
  async rests(what: string): Promise<void> {
    await this.polled();
    const before = this.count(what);
    await this.polled();
    await this.polled();
    expect(this.count(what)).toBe(before);
  }

  /** Resolves when a poll that began after this call has been served. */
  private async polled(): Promise<void> {
    const probe = ++this.probes;
    await this.pyncette.triggerTask('greet', 'probe', { args: { probe } });
    await expect.poll(() => this.executed().join('\n'), OBEYED).toContain(`"probe":${probe}}`);
  }
}

/** Each on its own part of the schedule, so that one process does for all. */
const ASKED: readonly ((scene: Scene) => Promise<void>)[] = [
  async function triggers(scene) {
    const { pyncette } = scene;
    await pyncette.triggerTask('greet', 'ada', { args: { by: 'hand' } });
    await expect.poll(() => scene.count('greet:ada {"attempt":1,"by":"hand"}'), OBEYED).toBe(1);
    await scene.rests('greet:ada');
  },
  async function pausesAndResumes(scene) {
    const { pyncette } = scene;
    await pyncette.scheduleTask('greet', 'bill', { interval: '50ms' });
    await scene.runs('greet:bill', 2);
    for (const [what, task, instance] of [
      ['greet:bill', 'greet', 'bill'],
      ['regular', 'regular', undefined],
    ] as const) {
      await scene.runs(what);
      await pyncette.pauseTask(task, instance);
      await scene.rests(what);
      await pyncette.resumeTask(task, instance);
      await scene.runs(what, 2);
    }
    await pyncette.pauseTask('greet');
    await pyncette.scheduleTask('greet', 'late', { executeIn: 0 });
    await scene.runs('regular', 2 * Math.ceil(POLL_MS / 100));
    const before = scene.count('greet:');
    await scene.runs('regular', 2 * Math.ceil(POLL_MS / 100));
    expect(scene.count('greet:')).toBe(before);
    await pyncette.resumeTask('greet');
    await scene.runs('greet:bill');
    await expect.poll(() => scene.count('greet:late'), OBEYED).toBe(1);
  },
  async function parksWhatHasFailed(scene) {
    const { pyncette } = scene;
    const names = Array.from({ length: 20 }, (_, index) => `bad-${index}`);
    await pyncette.scheduleTasks(
      'greet',
      names.map((instanceName) => ({ instanceName, interval: '50ms', args: { fails: true } })),
    );
    await expect.poll(() => pyncette.countTasks('greet', { state: 'parked' }), OBEYED).toBe(names.length);
    await expect.poll(() => scene.count('greet:bad-'), OBEYED).toBe(names.length);
    await scene.rests('greet:bad-');
    await pyncette.resumeTask('greet', 'bad-0');
    await scene.runs('greet:bad-0 {"attempt":1');
    await expect.poll(() => pyncette.countTasks('greet', { state: 'parked' }), OBEYED).toBe(names.length);
    expect(await pyncette.resumeTasks('greet', { state: 'parked', namePrefix: 'bad-' })).toBe(names.length);
    await expect.poll(() => scene.count('greet:bad-'), OBEYED).toBe(2 * names.length + 1);
  },
  async function unschedulesInBulk(scene) {
    const { pyncette } = scene;
    const names = Array.from({ length: 50 }, (_, index) => `many-${index}`);
    await pyncette.scheduleTasks(
      'greet',
      names.map((instanceName) => ({ instanceName, interval: POLL_MS })),
    );
    await scene.runs('greet:many-', names.length);
    expect(await pyncette.unscheduleTasks('greet', { namePrefix: 'many-' })).toBe(names.length);
    await scene.rests('greet:many-');
    expect(await pyncette.countTasks('greet', { namePrefix: 'many-' })).toBe(0);
  },
];

/** One that asks; beside it another that executes. */
async function sceneOf(asking: TaskRepository, execute: () => Promise<Executed> | Executed): Promise<Scene> {
  const pyncette = await application(asking, () => undefined, false);
  const scene = new Scene(pyncette, await execute());
  await expect.poll(() => scene.count('regular'), { timeout: 10_000 }).toBeGreaterThan(0);
  const executeAt = '2199-01-01';
  await pyncette.scheduleTasks(
    'greet',
    ['ada', 'probe'].map((instanceName) => ({ instanceName, executeAt })),
  );
  return scene;
}

describe('Two applications on one schedule in memory', () => {
  it('obey each other: trigger, pause, resume, park, in bulk too', async () => {
    const repository = memoryRepository();
    const lines: string[] = [];
    const scene = await sceneOf(repository, async () => {
      await application(repository, (line) => lines.push(line), true);
      return () => lines;
    });
    for (const ask of ASKED) await ask(scene);
  });
});

describe('Two processes', { timeout: 60_000 }, () => {
  let build: Build;
  beforeAll(() => void (build = new Build()), 60_000);
  afterAll(() => build.remove());

  const executing = (entry: string, options: object): Executed => {
    const child = new Child('./obedient.mjs', JSON.stringify({ options, pollInterval: POLL_MS }), {
      PYNCETTE_BUILD: build.url('index.js'),
      PYNCETTE_REPOSITORY: build.url(entry),
    });
    return () => child.output.split('\n').flatMap((line) => (line.startsWith('ran ') ? line.slice(4) : []));
  };

  describe.each(DATABASES.filter(isAvailable))('on %s', (name) => {
    it('obey each other within a poll interval: trigger, pause, resume, park, in bulk too', async () => {
      const database = await createDatabase(name);
      onTestFinished(() => database.drop());
      const repository = typeOrmRepository(database.options);
      const scene = await sceneOf(repository, () => executing('typeorm/index.js', database.options));
      for (const ask of ASKED) await ask(scene);
    });
  });

  describe.runIf(hasRedis())('on Redis', () => {
    it('obey each other within a poll interval: trigger, pause, resume, park, in bulk too', async () => {
      const { url, namespace } = new RedisScene();
      const repository = redisRepository({ url, namespace });
      const scene = await sceneOf(repository, () => executing('redis/index.js', { url, namespace }));
      for (const ask of ASKED) await ask(scene);
    });
  });
});
