import { SystemClock } from '../../lib/core/clock.js';
import type { TaskRepository } from '../../lib/core/task-repository.js';
import type { SqlRepositoryOptions } from '../../lib/storage/typeorm/repository-options.js';
import { TypeOrmRepository } from '../../lib/storage/typeorm/typeorm.repository.js';

/** A repository with everything as it is by default. */
export const repositoryOn = (
  source: SqlRepositoryOptions['source'],
  overrides: Partial<SqlRepositoryOptions> = {},
): TypeOrmRepository =>
  new TypeOrmRepository({
    source,
    tableName: 'pyncette_tasks',
    schema: null,
    createTables: true,
    queryTimeoutMs: 10_000,
    isCompareAndSet: false,
    problems: [],
    ...overrides,
  });

/** Opens one as an application without a clock of its own does. */
export async function opened<T extends TaskRepository>(repository: T): Promise<T> {
  await repository.open({ clock: new SystemClock(), isClockGiven: false });
  return repository;
}
