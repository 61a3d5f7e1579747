// The limit on PostgreSQL: the driver alone doing the statements a scheduler needs. Its lease columns are in no index, so a claim is a
// heap-only update; the `COALESCE` keeps the planner from expecting one row; limits are literals, or a generic plan would guess them.
import pg from 'pg';

const TABLE = `CREATE TABLE scheduled_task (
  task text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, execute_after timestamptz,
  locked_until timestamptz, locked_by uuid, spec json, PRIMARY KEY (task, name)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)`;
const INDEX = 'CREATE INDEX ON scheduled_task (task, execute_after)';
const FILL = `INSERT INTO scheduled_task (task, name, execute_after, spec)
  SELECT 'run', 'i' || n, now() + $2 * interval '1 ms', '{"interval":3600000,"args":{}}' FROM generate_series($3::int, $3 + $1::int - 1) n`;
const ABOUT = {
  due: `count(*) FILTER (WHERE execute_after <= now())::int`,
  leased: `count(locked_until)::int`,
  rows: 'count(*)::int',
};

const picked = (batch) => `ctid = ANY (ARRAY(SELECT ctid FROM scheduled_task
  WHERE task = $1 AND execute_after <= $2 AND (locked_until IS NULL OR locked_until <= $2)
  ORDER BY execute_after LIMIT ${batch} FOR UPDATE SKIP LOCKED))`;
const claim = (batch) => ({
  name: 'claim',
  text: `UPDATE scheduled_task a SET locked_until = $3, locked_by = $4 WHERE ${picked(batch)} RETURNING a.name, a.execute_after, a.spec`,
});
const claimForGood = (batch) => ({
  name: 'claim-for-good',
  text: `UPDATE scheduled_task a SET execute_after = execute_after + interval '1 hour' WHERE ${picked(batch)}
    RETURNING a.name, a.execute_after, a.spec`,
});
const COMMIT = {
  name: 'commit',
  text: `UPDATE scheduled_task a SET execute_after = n.next, locked_until = NULL, locked_by = NULL
    FROM unnest($1::text[], $2::timestamptz[]) n(name, next)
    WHERE a.task = $4 AND a.name = n.name AND COALESCE(a.locked_by = $3, false) RETURNING a.name`,
};
const REMOVE = {
  name: 'remove',
  text: `DELETE FROM scheduled_task a USING unnest($1::text[]) n(name)
    WHERE a.task = $3 AND a.name = n.name AND COALESCE(a.locked_by = $2, false) RETURNING a.name`,
};
const HOUR_MS = 3_600_000;

/** One execution as a loop without a library has it: its moment, and a handler that is awaited. */
async function executed(rows, handler) {
  const names = [];
  const nexts = [];
  for (const [name, due] of rows) {
    await handler(name);
    names.push(name);
    nexts.push(new Date(due.getTime() + HOUR_MS));
  }
  return { names, nexts };
}

/** What is done with a batch, by the kind of execution: answers how many there were. */
const STEPS = {
  async recurring(query, { batch, token }, handler) {
    const rows = await claimed(query, batch, token);
    const { names, nexts } = await executed(rows, handler);
    if (rows.length > 0) await query(COMMIT, [names, nexts, token, 'run']);
    return rows.length;
  },
  async 'once-off'(query, { batch, token }, handler) {
    const rows = await claimed(query, batch, token);
    const { names } = await executed(rows, handler);
    if (rows.length > 0) await query(REMOVE, [names, token, 'run']);
    return rows.length;
  },
  async 'at most once'(query, { batch }, handler) {
    const { rows } = await query(claimForGood(batch), ['run', new Date()]);
    await executed(rows, handler);
    return rows.length;
  },
};

async function claimed(query, batch, token) {
  const now = Date.now();
  const { rows } = await query(claim(batch), ['run', new Date(now), new Date(now + 60_000), token]);
  return rows;
}

export async function open({ database, settings: { batch, connections }, kind }) {
  const clients = Array.from({ length: connections }, () => new pg.Client(database));
  await Promise.all(clients.map((client) => client.connect()));
  let loops = [];
  const stopping = new AbortController();

  async function loop(client, handler) {
    const query = (statement, values) => client.query({ ...statement, values, rowMode: 'array' });
    const way = { batch, token: crypto.randomUUID() };
    while (!stopping.signal.aborted) if ((await STEPS[kind](query, way, handler)) === 0) return;
  }

  return {
    async fill(count, { dueInMs, from = 0 }) {
      const [first] = clients;
      if (from === 0) for (const statement of [TABLE, INDEX]) await first.query(statement);
      await first.query(FILL, [count, dueInMs, from]);
    },
    start: (handler) => void (loops = clients.map((client) => loop(client, handler))),
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
    async left() {
      const fields = Object.entries(ABOUT).map(([name, sql]) => `${sql} AS ${name}`);
      const { rows } = await clients[0].query(`SELECT ${fields} FROM scheduled_task`);
      return rows[0];
    },
    close: () => Promise.all(clients.map((client) => client.end())),
  };
}
