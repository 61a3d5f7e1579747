// The limit on MariaDB: mysql2 alone, READ COMMITTED, a claim in two statements, a commit in one. A short primary key, for InnoDB
// clusters by it. Two connections do meet in deadlocks, which are begun anew.
import mysql from 'mysql2/promise';
import { executed, loops } from './loops.mjs';

const TABLE = `CREATE TABLE scheduled_task (id bigint AUTO_INCREMENT PRIMARY KEY, task varchar(255) NOT NULL,
  name varchar(255) COLLATE utf8mb4_bin NOT NULL, execute_after bigint, locked_until bigint, locked_by char(36), spec text,
  UNIQUE KEY (task, name), KEY (task, execute_after)) CHARACTER SET utf8mb4`;
const PICK = (
  batch,
) => `SELECT id, name, execute_after, spec FROM scheduled_task WHERE task = 'run' AND execute_after <= ?
  AND (locked_until IS NULL OR locked_until <= ?) ORDER BY execute_after LIMIT ${batch} FOR UPDATE SKIP LOCKED`;
const CLAIM = 'UPDATE scheduled_task SET locked_until = ?, locked_by = ? WHERE id IN (?)';
const COMMIT = `UPDATE scheduled_task t JOIN JSON_TABLE(?, '$[*]' COLUMNS (id bigint PATH '$[0]', next bigint PATH '$[1]')) n
  ON t.id = n.id SET t.execute_after = n.next, t.locked_until = NULL, t.locked_by = NULL WHERE t.locked_by = ?`;
const LEFT = `SELECT CAST(COALESCE(SUM(execute_after <= ?), 0) AS INT) AS due, COUNT(locked_until) AS leased,
  COUNT(*) AS \`rows\` FROM scheduled_task`;
const AGAIN = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT']);

async function repeated(work) {
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (!AGAIN.has(error.code)) throw error;
    }
}

async function claimed(connection, batch, token) {
  await connection.query('BEGIN');
  try {
    const now = Date.now();
    const [rows] = await connection.query({ sql: PICK(batch), rowsAsArray: true }, [now, now]);
    if (rows.length > 0) await connection.query(CLAIM, [now + 60_000, token, rows.map(([id]) => id)]);
    await connection.query('COMMIT');
    return rows;
  } catch (error) {
    await connection.query('ROLLBACK');
    throw error;
  }
}

export async function open({ database, settings: { batch, connections }, everyMs = 3_600_000 }) {
  const opened = [];
  for (let index = 0; index < connections; index++)
    opened.push(await mysql.createConnection(database.driver));
  for (const connection of opened)
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  const [first] = opened;
  await first.query(TABLE);
  const token = crypto.randomUUID();

  async function step(connection, handler) {
    const rows = await repeated(() => claimed(connection, batch, token));
    const { nexts } = await executed(
      rows.map(([, name, dueAt]) => [name, dueAt]),
      handler,
      everyMs,
    );
    const pairs = JSON.stringify(rows.map(([id], index) => [id, nexts[index]]));
    if (rows.length > 0) await repeated(() => connection.query(COMMIT, [pairs, token]));
    return rows.length;
  }
  const running = loops(() => opened, step);

  return {
    async fill(count, { dueInMs }) {
      const dueAt = Date.now() + dueInMs;
      for (let done = 0; done < count; done += 1_000) {
        const some = Array.from({ length: Math.min(1_000, count - done) }, (_, index) => [
          'run',
          `i${done + index}`,
          dueAt,
          '{"args":{}}',
        ]);
        await first.query('INSERT INTO scheduled_task (task, name, execute_after, spec) VALUES ?', [some]);
      }
    },
    start: running.start,
    stop: running.stop,
    left: async () => (await first.query(LEFT, [Date.now()]))[0][0],
    close: () => Promise.all(opened.map((connection) => connection.end())),
  };
}
