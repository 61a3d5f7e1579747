// The limit on SQLite: better-sqlite3 alone, with a write-ahead log, as `typeOrmRepository` opens a file; `synchronous` as the driver has it.
import Database from 'better-sqlite3';
import { executed, loops } from './loops.mjs';

const TABLE = `CREATE TABLE scheduled_task (task text NOT NULL, name text NOT NULL, execute_after integer,
  locked_until integer, locked_by text, spec text, PRIMARY KEY (task, name));
  CREATE INDEX scheduled_task_due ON scheduled_task (task, execute_after)`;
const CLAIM = `UPDATE scheduled_task SET locked_until = ?, locked_by = ? WHERE rowid IN (
  SELECT rowid FROM scheduled_task WHERE task = 'run' AND execute_after <= ? AND (locked_until IS NULL OR locked_until <= ?)
  ORDER BY execute_after LIMIT ?) RETURNING name, execute_after, spec`;
const COMMIT = `UPDATE scheduled_task SET execute_after = ?, locked_until = NULL, locked_by = NULL
  WHERE task = 'run' AND name = ? AND locked_by = ?`;
const LEFT = `SELECT count(CASE WHEN execute_after <= ? THEN 1 END) AS due, count(locked_until) AS leased, count(*) AS rows
  FROM scheduled_task`;

export async function open({ database, settings: { batch }, goesOn, everyMs = 3_600_000 }) {
  const file = new Database(database.driver);
  file.pragma('journal_mode = WAL');
  file.exec(TABLE);
  const claim = file.prepare(CLAIM).raw();
  const commit = file.prepare(COMMIT);
  const insert = file.prepare(`INSERT INTO scheduled_task VALUES ('run', ?, ?, NULL, NULL, '{"args":{}}')`);
  const next = file.prepare(`SELECT min(execute_after) FROM scheduled_task WHERE task = 'run'`).pluck();
  const token = crypto.randomUUID();

  async function step(_file, handler) {
    const now = Date.now();
    const rows = claim.all(now + 60_000, token, now, now, batch);
    const { names, nexts } = await executed(rows, handler, everyMs);
    const settle = file.transaction(() => names.forEach((name, at) => commit.run(nexts[at], name, token)));
    if (names.length > 0) settle.immediate();
    // Its calls block: timers and requests of the process get their turn between the batches.
    await new Promise((resolve) => setImmediate(resolve));
    return names.length;
  }
  const running = loops(() => [file], step, goesOn ? async () => next.get() : undefined);

  return {
    async fill(count, { dueInMs }) {
      const dueAt = Date.now() + dueInMs;
      file.transaction(() => {
        for (let index = 0; index < count; index++) insert.run(`i${index}`, dueAt);
      })();
    },
    schedule: async (name, dueAt) => void insert.run(name, dueAt),
    start: running.start,
    stop: running.stop,
    left: async () => file.prepare(LEFT).get(Date.now()),
    close: async () => void file.close(),
  };
}
