// PostgreSQL databases for one measurement each.
import pg from 'pg';

const { PGHOST = '127.0.0.1', PGPORT = '5432', PGUSER = 'postgres', PGPASSWORD = 'postgres' } = process.env;
const server = { host: PGHOST, port: Number(PGPORT), user: PGUSER, password: PGPASSWORD };
// Settings that decide how durable and how fast it is.
const DEFAULTS = { fsync: 'on', synchronous_commit: 'on', autovacuum: 'on' };
const SHOWN = [
  'server_version',
  'fsync',
  'synchronous_commit',
  'shared_buffers',
  'max_wal_size',
  'autovacuum',
];

async function asked(database, ...statements) {
  const client = new pg.Client({ ...server, database, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    let answer;
    for (const statement of statements) answer = await client.query(statement);
    return answer.rows;
  } finally {
    await client.end();
  }
}

export const postgres = {
  isThere: () =>
    asked('postgres', 'SELECT 1').then(
      () => true,
      () => false,
    ),

  async about() {
    const settings = {};
    for (const name of SHOWN) settings[name] = (await asked('postgres', `SHOW ${name}`))[0][name];
    return settings;
  },

  /** Where the server is not as it comes: what is measured then says less. */
  async oddities() {
    const settings = await postgres.about();
    const odd = Object.entries(DEFAULTS).filter(([name, value]) => settings[name] !== value);
    return odd.map(([name, value]) => `PostgreSQL has ${name} = ${settings[name]} in place of ${value}`);
  },

  at: (database) => ({
    driver: { ...server, database },
    typeorm: { ...server, type: 'postgres', username: server.user, database },
    url: `postgres://${PGUSER}:${PGPASSWORD}@${PGHOST}:${PGPORT}/${database}`,
  }),

  create: (database, template = 'template0') =>
    asked('postgres', `CREATE DATABASE ${database} TEMPLATE ${template}`),

  drop: (database) => asked('postgres', `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`),

  /** Statistics for the planner as in a database that has lived a while, and nothing of the filling left to write. */
  settle: (database) => asked(database, 'VACUUM ANALYZE', 'CHECKPOINT'),

  vacuum: (database) => asked(database, 'VACUUM'),

  /** Transactions since the database was made; a backend reports its own about once a second. */
  async transactions(database) {
    const counted = 'xact_commit + xact_rollback';
    const [{ count }] = await asked(
      'postgres',
      `SELECT (${counted})::int AS count FROM pg_stat_database WHERE datname = '${database}'`,
    );
    return count;
  },

  /** What its tables and indexes take, and the dead rows in them. */
  async size(database) {
    const [{ bytes, dead }] = await asked(
      database,
      'SELECT sum(pg_total_relation_size(relid))::float8 AS bytes, sum(n_dead_tup)::int AS dead FROM pg_stat_user_tables',
    );
    return { bytes, dead };
  },

  /** What the history of executions has, and takes. */
  async history(database) {
    const table = 'pyncette_tasks_executions';
    const [kept] = await asked(
      database,
      `SELECT count(*)::int AS rows, pg_total_relation_size('${table}')::float8 AS bytes FROM ${table}`,
    );
    return kept;
  },
};
