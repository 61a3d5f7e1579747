import type { Redis } from 'ioredis';
import { inject } from 'vitest';

/** Whether a Redis answers on this machine; if not, it has been said at the start. */
export const hasRedis = (): boolean => inject('redis') !== null;

/** Where it is. */
export function redisUrl(): string {
  const url = inject('redis');
  if (url === null) throw new Error('There is no Redis on this machine: ask hasRedis() first');
  return url;
}

/** Every key under a namespace. */
export async function keysOf(client: Redis, namespace: string): Promise<string[]> {
  const keys: string[] = [];
  let cursor = '0';
  do {
    const [next, some] = await client.scan(cursor, 'MATCH', `{${namespace}[:}]*`, 'COUNT', 1_000);
    keys.push(...some);
    cursor = next;
  } while (cursor !== '0');
  return keys;
}

/** Leaves nothing of a namespace. */
export async function removeNamespace(client: Redis, namespace: string): Promise<void> {
  const keys = await keysOf(client, namespace);
  if (keys.length > 0) await client.unlink(keys);
}
