import { SystemClock } from '../../lib/core/clock.js';
import type { TypeOrmRepository } from '../../lib/storage/typeorm/typeorm.repository.js';
import { every } from '../../lib/testing/conformance/store.js';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { type DatabaseName, createDatabase, isAvailable } from '../databases/databases.js';
import { repositoryOn } from '../storage/open.js';

const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 60);
const NAMES = 60;

const names: readonly DatabaseName[] = ['mariadb', 'postgres'];

describe.each(names.filter(isAvailable))('Eight applications hammering one table on %s', (name) => {
  it(
    'claim, schedule and delete without one deadlock coming to the surface (D1)',
    { timeout: (SECONDS + 60) * 1_000 },
    async () => {
      const database = await createDatabase(name);
      const dataSource = await new DataSource(database.options).initialize();
      const until = performance.now() + SECONDS * 1_000;
      const errors: unknown[] = [];
      let calls = 0;
      const hammer = async (repository: TypeOrmRepository): Promise<void> => {
        await repository.open({ clock: new SystemClock(), isClockGiven: false });
        while (performance.now() < until) {
          await oneBlow(repository, dataSource).catch((error: unknown) => errors.push(error));
          calls++;
        }
      };
      const repositories = Array.from({ length: 8 }, () => repositoryOn(() => dataSource));
      await Promise.all(repositories.map(hammer));
      for (const repository of repositories) await repository.close();
      await dataSource.destroy();
      await database.drop();
      console.log(`${name}: ${calls} calls of eight applications in ${SECONDS} s`);
      expect(errors).toEqual([]);
      expect(calls).toBeGreaterThan(SECONDS * 20);
    },
  );
});

/** Some names in no particular order: what makes deadlocks. */
const some = (count: number) =>
  Array.from({ length: count }, () => ({ task: 'task', instance: `i${Math.floor(Math.random() * NAMES)}` }));

async function oneBlow(repository: TypeOrmRepository, dataSource: DataSource): Promise<void> {
  const choice = Math.random();
  const registrations = some(20).map(({ instance }) => every(instance, Math.floor(Math.random() * 50)));
  if (choice < 0.25) await repository.register(registrations);
  else if (choice < 0.35)
    await dataSource.transaction(
      async (manager) => void (await repository.register(registrations.slice(0, 1), manager)),
    );
  else if (choice < 0.5) await repository.unregister(some(10));
  else await claimAndSettle(repository);
}

async function claimAndSettle(repository: TypeOrmRepository): Promise<void> {
  const { claimed } = await repository.claimDue({
    tasks: [{ task: 'task', isStatic: false, queues: ['task'], leaseMs: 500, limit: 20 }],
    limit: 20,
    owner: 'hammer',
  });
  const proofs = claimed.map(({ row }) => ({
    task: row.task,
    instance: row.instance,
    leaseToken: row.leaseToken ?? '',
    attempt: row.attempt,
  }));
  await repository.renew(proofs.map((proof) => ({ ...proof, until: repository.now() + 500 })));
  const next = (): number => repository.now() + Math.floor(Math.random() * 20);
  await repository.settle(
    proofs.map((proof) => ({
      ...proof,
      settlement: { kind: 'done', next: next(), jitterMs: 0, error: null },
    })),
  );
}
