// A PostgreSQL database for one measurement.
import pg from 'pg';

const { PGHOST = '127.0.0.1', PGPORT = '5432', PGUSER = 'postgres', PGPASSWORD = 'postgres' } = process.env;
const server = { host: PGHOST, port: Number(PGPORT), user: PGUSER, password: PGPASSWORD };

async function asked(database, ...statements) {
  const client = new pg.Client({ ...server, database });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

export const postgres = {
  name: 'PostgreSQL',

  /** Whether a server answers. */
  isThere: () =>
    asked('postgres', 'SELECT 1').then(
      () => true,
      () => false,
    ),

  /** Where a database of that name is reached: what `pg` takes, and TypeORM with `username`. */
  at: (database) => ({ ...server, username: server.user, type: 'postgres', database }),

  create: (database, { template } = {}) =>
    asked('postgres', `CREATE DATABASE ${database}${template === undefined ? '' : ` TEMPLATE ${template}`}`),

  /** Planner statistics as in a database that has lived a while, and no dirty pages of the filling left to write. */
  settle: (database) => asked(database, 'VACUUM ANALYZE', 'CHECKPOINT'),

  drop: (database) => asked('postgres', `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`),
};
