import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { every } from '../../lib/testing/conformance/store.js';
import { createDatabase, isAvailable } from '../databases/databases.js';
import { opened, repositoryOn } from './open.js';

const ZONES = {
  postgres: { extra: { options: '-c TimeZone=Asia/Tokyo' } },
  mariadb: { timezone: '+09:00' },
} as const;

describe.each(
  (['postgres', 'mariadb'] as const)
    .filter(isAvailable)
    .flatMap((name) => [false, true].map((isCompareAndSet) => ({ name, isCompareAndSet }))),
)('Time on $name, compare and set: $isCompareAndSet', ({ name, isCompareAndSet }) => {
  it('is known after a claim that asks for nothing, as when all tasks are disabled', async () => {
    const database = await createDatabase(name);
    const dataSource = await new DataSource(database.options).initialize();
    try {
      const repository = await opened(repositoryOn(() => dataSource, { isCompareAndSet }));
      const nothing = { tasks: [], limit: 0, owner: 'test' };
      for (let claim = 0; claim < 5; claim++) {
        const { claimedAt, nextDueAt } = await repository.claimDue(nothing);
        expect(Math.abs(claimedAt - Date.now())).toBeLessThan(1_000);
        expect(nextDueAt).toBeNull();
      }
      expect(Math.abs(repository.now() - Date.now())).toBeLessThan(1_000);
      await repository.close();
    } finally {
      await dataSource.destroy();
      await database.drop();
    }
  });
});

describe.each((['postgres', 'mariadb'] as const).filter(isAvailable))('Time on %s', (name) => {
  it('is the same moment in whatever zones application, session and server are (T9)', async () => {
    const database = await createDatabase(name);
    const here = process.env['TZ'];
    process.env['TZ'] = 'Pacific/Chatham';
    const dataSource = await new DataSource({ ...database.options, ...ZONES[name] } as never).initialize();
    try {
      const repository = await opened(repositoryOn(() => dataSource));
      expect(Math.abs(repository.now() - Date.now())).toBeLessThan(1_000);
      const [later] = await repository.register([every('later', 3_600_000)]);
      const claim = (): ReturnType<typeof repository.claimDue> =>
        repository.claimDue({
          tasks: [{ task: 'task', isStatic: false, queues: ['task'], leaseMs: 1_000, limit: 1 }],
          limit: 1,
          owner: 'test',
        });
      expect((await claim()).nextDueAt).toBe(later?.dueAt);
      const [soon] = await repository.register([every('soon', 50)]);
      await expect.poll(async () => (await claim()).claimed.length, { interval: 10 }).toBe(1);
      const found: unknown = await dataSource.query(
        "SELECT due_at FROM pyncette_tasks WHERE instance = 'soon'",
      );
      expect(Number((found as { due_at: string }[])[0]?.due_at)).toBe(soon?.dueAt);
      await repository.close();
    } finally {
      if (here === undefined) delete process.env['TZ'];
      else process.env['TZ'] = here;
      await dataSource.destroy();
      await database.drop();
    }
  });
});
