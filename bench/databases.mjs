// Empty databases for one benchmark each, where a server answers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';

const { PGHOST = '127.0.0.1', PGPORT = '5432', PGUSER = 'postgres', PGPASSWORD = 'postgres' } = process.env;
const { MYSQL_HOST = '127.0.0.1', MYSQL_PORT = '3306' } = process.env;

const SERVERS = {
  PostgreSQL: {
    type: 'postgres',
    host: PGHOST,
    port: Number(PGPORT),
    username: PGUSER,
    password: PGPASSWORD,
    database: 'postgres',
  },
  MariaDB: { type: 'mariadb', host: MYSQL_HOST, port: Number(MYSQL_PORT), username: 'root' },
};

/** Runs `work` with the options of an empty database; answers false where nothing can be reached. */
export async function withDatabase(name, work) {
  if (name === 'SQLite') return withFile(work);
  const admin = await new DataSource({ ...SERVERS[name], poolSize: 1 }).initialize().catch(() => null);
  if (admin === null) return false;
  const database = `pyncette_bench_${process.pid}`;
  await admin.query(`CREATE DATABASE ${database}`);
  try {
    await work({ ...SERVERS[name], database });
  } finally {
    await admin.query(`DROP DATABASE ${database}${name === 'PostgreSQL' ? ' WITH (FORCE)' : ''}`);
    await admin.destroy();
  }
  return true;
}

async function withFile(work) {
  const folder = mkdtempSync(join(tmpdir(), 'pyncette-bench-'));
  try {
    await work({ type: 'better-sqlite3', database: join(folder, 'bench.db') });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return true;
}
