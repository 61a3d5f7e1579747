// MariaDB databases for one measurement each.
import mysql from 'mysql2/promise';

const { MYSQL_HOST = '127.0.0.1', MYSQL_PORT = '3306', MYSQL_USER = 'root', MYSQL_PASSWORD } = process.env;
const server = { host: MYSQL_HOST, port: Number(MYSQL_PORT), user: MYSQL_USER, password: MYSQL_PASSWORD };

async function asked(statement) {
  const connection = await mysql.createConnection({ ...server, connectTimeout: 5_000 });
  try {
    const [rows] = await connection.query(statement);
    return rows;
  } finally {
    await connection.end();
  }
}

export const mariadb = {
  isThere: () =>
    asked('SELECT 1').then(
      () => true,
      () => false,
    ),

  async about() {
    const names =
      'SELECT @@version AS version, @@innodb_flush_log_at_trx_commit AS innodb_flush_log_at_trx_commit';
    return (await asked(names))[0];
  },

  at: (database) => ({
    driver: { ...server, database },
    typeorm: { ...server, type: 'mariadb', username: server.user, database },
  }),

  create: (database) => asked(`CREATE DATABASE ${database}`),
  drop: (database) => asked(`DROP DATABASE IF EXISTS ${database}`),
  settle: async () => undefined,
};
