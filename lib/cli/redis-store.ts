import { SystemClock } from '../core/clock.js';
import type { redisRepository } from '../redis/redis-repository.js';
import { CommandFailure, reasonOf } from './failures.js';
import { type Store, type StoreNames, missingPackage } from './store.js';
import { type StoreAddress, masked } from './store-address.js';

/** A store in Redis. @throws CommandFailure when this project cannot reach one */
export async function connectRedis(address: StoreAddress, { namespace }: StoreNames): Promise<Store> {
  const create = await load();
  const repository = create({ url: address.url, ...(namespace !== null && { namespace }) });
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

/** ioredis is the user's: only whoever asks Redis needs it. */
async function load(): Promise<typeof redisRepository> {
  try {
    return (await import('../redis/redis-repository.js')).redisRepository;
  } catch (error) {
    throw missingPackage(error, ['ioredis']) ?? error;
  }
}
