import { mariadb } from './mariadb.mjs';
import { postgres } from './postgres.mjs';
import { redis } from './redis.mjs';
import { sqlite } from './sqlite.mjs';

export const DATABASES = { PostgreSQL: postgres, MariaDB: mariadb, SQLite: sqlite, Redis: redis };
