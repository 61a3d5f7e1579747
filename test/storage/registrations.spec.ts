import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Registration, TaskRepository } from '../../lib/core/task-repository.js';
import { memoryRepository } from '../../lib/storage/memory.repository.js';
import { Random } from '../../lib/testing/conformance/random.js';
import { ZERO, every, key } from '../../lib/testing/conformance/store.js';
import { TestClock } from '../../lib/testing/test-clock.js';
import { type TestDatabase, createDatabase, isAvailable } from '../databases/databases.js';
import { repositoryOn } from './open.js';
import { QUICK_DATABASES } from './sql-store.js';

/** What is asked for in some calls, one after another; names come again within a call and later. */
function calls(random: Random): readonly (readonly Registration[])[] {
  const registration = (): Registration =>
    every(`i${random.below(12)}`, random.pick([1_000, 2_000, 5_000]), {
      args: `{"n":${random.below(3)}}`,
      force: random.oneIn(5),
    });
  return Array.from({ length: 6 }, () => Array.from({ length: 1 + random.below(10) }, registration));
}

describe.each(QUICK_DATABASES.filter(isAvailable))(
  'Scheduling many at once, inserted first, on %s',
  (name) => {
    let database: TestDatabase;
    let repositories: readonly TaskRepository[];
    let dataSources: readonly DataSource[];
    const clock = new TestClock(ZERO);
    const open = async <T extends TaskRepository>(repository: T): Promise<T> => {
      await repository.open({ clock, isClockGiven: true });
      return repository;
    };

    beforeEach(async () => {
      database = await createDatabase(name);
      dataSources = await Promise.all([1, 2].map(() => new DataSource(database.options).initialize()));
      const opened: TaskRepository[] = [];
      for (const dataSource of dataSources) opened.push(await open(repositoryOn(() => dataSource)));
      repositories = opened;
    });
    afterEach(async () => {
      for (const repository of repositories) await repository.close();
      for (const dataSource of dataSources) await dataSource.destroy();
      await database.drop();
    });

    it('answers and leaves the same rows as doing so one by one', async () => {
      const [repository] = repositories;
      const memory = await open(memoryRepository());
      const random = new Random(5);
      for (const call of Array.from({ length: 6 }, () => calls(random)).flat()) {
        const expected: unknown[] = [];
        for (const registration of call) expected.push(...(await memory.register([registration])));
        expect(await repository?.register(call)).toEqual(expected);
        expect(await repository?.find(call)).toEqual(await memory.find(call));
        if (random.oneIn(3)) await clock.advance(700);
      }
      await memory.close();
    });

    it('creates each row once, whoever else creates it at that moment', async () => {
      const instances = Array.from({ length: 60 }, (_, index) => `i${index}`);
      for (let round = 0; round < 5; round++) {
        // In opposite orders, and half of them there already: whoever took locks as they come would end in a deadlock.
        const wanted = instances.map((instance) => every(`${instance}-${round}`, 1_000));
        await repositories[0]?.register(wanted.filter((_, index) => index % 2 === 0));
        const answers = await Promise.all([
          ...repositories.map((repository) => repository.register(wanted)),
          ...repositories.map((repository) => repository.register(wanted.toReversed())),
        ]);
        const rows = await repositories[0]?.find(wanted.map(({ instance }) => key(instance)));
        const stored = rows?.map((listed) => listed?.row);
        expect(stored?.every((row) => row?.schedule === '{"v":1,"every":1000}')).toBe(true);
        for (const [index, answer] of answers.entries())
          expect(index < 2 ? answer : answer.toReversed()).toEqual(stored);
      }
      const all = { task: 'task', isStatic: false, queues: ['task'], state: null };
      for (const repository of repositories) expect(await repository.count?.(all)).toBe(300);
    });

    it('keeps the order of what is named again further on', async () => {
      const [repository] = repositories;
      const memory = await open(memoryRepository());
      const some = (from: number, to: number, everyMs: number): Registration[] =>
        Array.from({ length: to - from }, (_, index) =>
          every(`i${from + index}`, everyMs, { args: `{"every":${everyMs}}` }),
        );
      await repository?.register(some(300, 350, 500));
      await memory.register(some(300, 350, 500));
      const call = [...some(0, 600, 1_000), ...some(200, 700, 2_000), every('i5', 3_000, { force: true })];
      expect(await repository?.register(call)).toEqual(await memory.register(call));
      expect(await repository?.find(call)).toEqual(await memory.find(call));
      await memory.close();
    });

    it('keeps every value, whether rows have it in common or not', async () => {
      const [repository] = repositories;
      const odd = ['{"a":"\\"\\\\{},\\n\u{1F600}"}', '{}', '{"null":"NULL"}'];
      for (const count of [1, 15, 16, 40]) {
        const own = Array.from({ length: count }, (_, index) =>
          every(`"i\\${index},{${count}}`, 1_000 + index, {
            args: odd[index % odd.length],
            queue: index % 2 === 0 ? 'task#0/2' : 'task#1/2',
            jitterMs: index,
            origin: index % 3 === 0 ? null : `origin ${index}`,
          }),
        );
        const same = own.map(({ instance }) =>
          every(`same ${instance}`, 1_000, { args: odd[0], origin: 'origin' }),
        );
        for (const call of [own, same]) {
          const rows = await repository?.register(call);
          expect(rows).toMatchObject(
            call.map(({ instance, queue, args, jitterMs, origin }) => ({
              instance,
              queue,
              args,
              jitterMs,
              origin,
            })),
          );
          expect((await repository?.find(call))?.map((listed) => listed?.row)).toEqual(rows);
        }
      }
    });

    it('asks nothing of the store when nothing is scheduled', async () => {
      for (const repository of repositories) expect(await repository.register([])).toEqual([]);
    });
  },
);
