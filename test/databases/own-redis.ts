import { onTestFinished } from 'vitest';
import { RedisServer } from './redis-server.js';

/** Settings with which whatever was acknowledged is on the disk. */
export const AOF = ['--appendonly', 'yes', '--appendfsync', 'always'] as const;

/** A Redis of this test's own, gone when the test ends. */
export async function ownRedis(...settings: readonly string[]): Promise<RedisServer> {
  const server = await RedisServer.start(...settings);
  onTestFinished(() => server.stop());
  return server;
}
