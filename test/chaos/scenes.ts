import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { DATABASES, type DatabaseName, createDatabase, isAvailable } from '../databases/databases.js';
import { hasRedis, redisUrl, removeNamespace } from '../databases/redis.js';
import { Arena } from './arena.js';

/** A store that processes are killed on. */
export type SceneName = DatabaseName | 'redis';

/** Those that are here. On Redis the handlers write down what they do in a file of SQLite's. */
export const scenes = (): SceneName[] => [
  ...DATABASES.filter(isAvailable),
  ...(hasRedis() ? ['redis' as const] : []),
];

/** Whether a store can execute in a transaction with what handlers do. */
export const isTransactional = (name: SceneName): boolean => name !== 'redis';

/** An empty store, and the arena on it. */
export async function openScene(name: SceneName): Promise<{ arena: Arena; close(): Promise<void> }> {
  const database = await createDatabase(name === 'redis' ? 'sqlite' : name);
  const redis =
    name === 'redis' ? { url: redisUrl(), namespace: `chaos-${randomBytes(6).toString('hex')}` } : undefined;
  const arena = await Arena.open(database.options, redis);
  const close = async (): Promise<void> => {
    await arena.close();
    await database.drop();
    if (redis === undefined) return;
    const client = new Redis(redis.url);
    await removeNamespace(client, redis.namespace);
    client.disconnect();
  };
  return { arena, close };
}
