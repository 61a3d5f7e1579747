// The layout and the statements that proved fastest on PostgreSQL. The lease columns are in no index, so that a claim is a heap-only
// update; `COALESCE` keeps the planner from expecting one row; limits are literals, for a generic plan would guess them.
export const TABLE = [
  `CREATE TABLE IF NOT EXISTS scheduled_task (
    task text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, execute_after timestamptz,
    locked_until timestamptz, locked_by uuid, spec json, PRIMARY KEY (task, name)
  ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)`,
  'CREATE INDEX IF NOT EXISTS scheduled_task_due ON scheduled_task (task, execute_after)',
];

const SPEC = `'{"interval":3600000,"args":{}}'`;

/** $1 how many, $2 from which number, $3 prefix, $4 due in, $5 and so much later each; milliseconds. */
export const FILL = `INSERT INTO scheduled_task (task, name, execute_after, spec)
  SELECT 'run', $3 || n, now() + ($4 + (n - $2) * $5::float8) * interval '1 ms', ${SPEC}
  FROM generate_series($2::int, $2 + $1::int - 1) n`;

export const LEFT = `SELECT count(*) FILTER (WHERE execute_after <= now())::int AS due,
  count(locked_until)::int AS leased, count(*)::int AS rows FROM scheduled_task WHERE name LIKE 'i%'`;

export const NEXT = {
  name: 'next',
  text: `SELECT execute_after FROM scheduled_task WHERE task = 'run' ORDER BY execute_after LIMIT 1`,
};

const picked = (batch) => `ctid = ANY (ARRAY(SELECT ctid FROM scheduled_task
  WHERE task = $1 AND execute_after <= $2 AND (locked_until IS NULL OR locked_until <= $2)
  ORDER BY execute_after LIMIT ${batch} FOR UPDATE SKIP LOCKED))`;

/** $3 until when, $4 by whom. */
export const claim = (batch) => ({
  name: 'claim',
  text: `UPDATE scheduled_task a SET locked_until = $3, locked_by = $4 WHERE ${picked(batch)}
    RETURNING a.name, a.execute_after, a.spec`,
});

/** At most once: one statement. */
export const claimForGood = (batch, everyMs) => ({
  name: 'claim-for-good',
  text: `UPDATE scheduled_task a SET execute_after = execute_after + ${everyMs} * interval '1 ms' WHERE ${picked(batch)}
    RETURNING a.name, a.execute_after, a.spec`,
});

const IS_OURS = `a.task = 'run' AND a.name = n.name AND COALESCE(a.locked_by = $1, false) RETURNING a.name`;

export const COMMIT = {
  name: 'commit',
  text: `UPDATE scheduled_task a SET execute_after = n.next, locked_until = NULL, locked_by = NULL
    FROM unnest($2::text[], $3::timestamptz[]) n(name, next) WHERE ${IS_OURS}`,
};

export const REMOVE = {
  name: 'remove',
  text: `DELETE FROM scheduled_task a USING unnest($2::text[]) n(name) WHERE ${IS_OURS}`,
};

export const UPSERT = {
  name: 'upsert',
  text: `INSERT INTO scheduled_task (task, name, execute_after, spec)
    SELECT 'run', n.name, n.next, n.spec FROM unnest($1::text[], $2::timestamptz[], $3::json[]) n(name, next, spec)
    ON CONFLICT (task, name) DO UPDATE SET execute_after = excluded.execute_after, spec = excluded.spec`,
};
