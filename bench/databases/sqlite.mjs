// SQLite files for one measurement each.
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const fileOf = (database) => join(tmpdir(), `${database}.db`);

export const sqlite = {
  isThere: async () => existsSync(new URL('../../node_modules/better-sqlite3', import.meta.url)),
  about: async () => ({}),
  at: (database) => ({
    driver: fileOf(database),
    typeorm: { type: 'better-sqlite3', database: fileOf(database) },
  }),
  create: async () => undefined,
  drop: async (database) => {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(fileOf(database) + suffix, { force: true });
  },
  settle: async () => undefined,
};
