const { env } = process;

/** What is started as a Redis of a test's own: Valkey or another release, where the environment says so. */
export const REDIS_PROGRAMS = {
  server: env['REDIS_SERVER'] ?? 'redis-server',
  cli: env['REDIS_CLI'] ?? 'redis-cli',
} as const;
