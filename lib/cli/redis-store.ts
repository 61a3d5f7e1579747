import { SystemClock } from '../core/clock.js';
import type { TaskRepository } from '../core/task-repository.js';
import { CommandFailure, reasonOf } from './failures.js';
import { type Store, type StoreNames, missingPackage } from './store.js';
import { type StoreAddress, masked } from './store-address.js';

/** The entry `nestjs-pyncette/redis`, which not every release has. */
const ENTRY = '../redis/index.js';

type RedisRepository = (options: { url: string; namespace?: string }) => TaskRepository;

/** A store in Redis. @throws CommandFailure when this release, or this project, cannot reach one */
export async function connectRedis(address: StoreAddress, { namespace }: StoreNames): Promise<Store> {
  const redisRepository = await load();
  const repository = redisRepository({ url: address.url, ...(namespace !== null && { namespace }) });
  const [problem] = repository.problems ?? [];
  if (problem !== undefined) throw new CommandFailure(problem);
  let isOpen = false;
  const open = async (): Promise<void> => {
    try {
      await repository.open({ clock: new SystemClock(), isClockGiven: false });
      isOpen = true;
    } catch (error) {
      throw (
        missingPackage(error, ['ioredis']) ??
        new CommandFailure(`${address.shown} cannot be used: ${masked(reasonOf(error), address)}`, {
          cause: error,
        })
      );
    }
  };
  return {
    address,
    repository,
    inspection: null,
    open,
    migrate: open,
    close: async () => {
      if (isOpen) await repository.close();
    },
  };
}

async function load(): Promise<RedisRepository> {
  let entry: Record<string, unknown>;
  try {
    entry = (await import(ENTRY)) as Record<string, unknown>;
  } catch (error) {
    if (isEntryMissing(error))
      throw new CommandFailure(
        'this release of nestjs-pyncette cannot keep its schedule in Redis: update it',
        {
          cause: error,
        },
      );
    throw missingPackage(error, ['ioredis']) ?? error;
  }
  const { redisRepository } = entry;
  if (isFactory(redisRepository)) return redisRepository;
  throw new CommandFailure('this release of nestjs-pyncette has another entry for Redis: update it');
}

const isFactory = (value: unknown): value is RedisRepository => typeof value === 'function';

const isEntryMissing = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === 'ERR_MODULE_NOT_FOUND' &&
  /Cannot find module .*redis[\\/]index\.js'/.test(error.message);
