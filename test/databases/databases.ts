import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { inject } from 'vitest';

/** A database for tests: everything in it is a test's own, and gone afterwards. */
export interface TestDatabase {
  readonly name: string;
  readonly options: DataSourceOptions;
  drop(): Promise<void>;
}

/** The databases that tests are run on. */
export const DATABASES = ['sqlite', 'postgres', 'mariadb'] as const;
export type DatabaseName = (typeof DATABASES)[number];

const unique = (): string => `pyncette_test_${randomBytes(6).toString('hex')}`;

/** Whether a database can be tested on this machine; what is missing has been said at the start. */
export const isAvailable = (name: DatabaseName): boolean => name === 'sqlite' || inject(name) !== null;

/** Creates an empty database. */
export async function createDatabase(name: DatabaseName): Promise<TestDatabase> {
  return name === 'sqlite' ? sqliteFile() : serverDatabase(name);
}

function sqliteFile(): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'pyncette-'));
  return {
    name: 'sqlite',
    options: { type: 'better-sqlite3', database: join(folder, 'test.db') },
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function serverDatabase(name: 'postgres' | 'mariadb'): Promise<TestDatabase> {
  const address = inject(name);
  if (address === null) throw new Error(`There is no ${name} on this machine: ask isAvailable() first`);
  const database = unique();
  const server = { type: name, ...address, database: name === 'postgres' ? 'postgres' : undefined };
  await once(server, `CREATE DATABASE ${database}`);
  const force = name === 'postgres' ? ' WITH (FORCE)' : '';
  return {
    name,
    options: { type: name, ...address, database },
    drop: () => once(server, `DROP DATABASE ${database}${force}`),
  };
}

async function once(options: DataSourceOptions, sql: string): Promise<void> {
  const dataSource = await new DataSource(options).initialize();
  try {
    await dataSource.query(sql);
  } finally {
    await dataSource.destroy();
  }
}
