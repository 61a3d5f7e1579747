import { EventEmitter } from 'node:events';
import type { DataSource } from 'typeorm';

/** Pools that are listened to already: two schedulers may share a DataSource. */
const heard = new WeakSet<EventEmitter>();

/**
 * A connection of pg that the server ends says so by an event, and an event nobody listens to ends the process. TypeORM listens while a
 * query runner holds the connection, the pool while nobody does; between the two nobody does. Here somebody always listens: what the
 * connection was used for fails by itself.
 */
export function surviveLostConnections({ driver }: DataSource): void {
  const { master, slaves } = driver as { master?: unknown; slaves?: unknown };
  for (const pool of [master, ...(Array.isArray(slaves) ? slaves : [])]) {
    if (!(pool instanceof EventEmitter) || heard.has(pool)) continue;
    heard.add(pool);
    const clients = new WeakSet<EventEmitter>();
    const listen = (client: unknown): void => {
      if (!(client instanceof EventEmitter) || clients.has(client)) return;
      clients.add(client);
      client.on('error', () => undefined);
    };
    pool.on('connect', listen);
    // Those that were opened before.
    pool.on('acquire', listen);
  }
}
