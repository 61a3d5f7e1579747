// The limit: what the driver alone does when it claims a hundred rows and settles them, in two statements each.
import pg from 'pg';
import { withDatabase } from './databases.mjs';
import { isQuick, median, progress, report, timed } from './measure.mjs';

const COUNT = isQuick ? 5_000 : 20_000;
const CLAIM = `UPDATE t SET locked_until = $1, locked_by = $2 WHERE ctid = ANY (ARRAY(SELECT ctid FROM t
  WHERE execute_after <= $3 AND (locked_until IS NULL OR locked_until <= $3) ORDER BY execute_after LIMIT 100 FOR UPDATE SKIP LOCKED))
  RETURNING name`;
const SETTLE = `UPDATE t SET locked_until = NULL, locked_by = NULL, execute_after = n.next
  FROM unnest($1::text[], $2::bigint[]) n (name, next) WHERE t.name = n.name AND COALESCE(t.locked_by = $3, false)`;

progress('raw PostgreSQL');
const isThere = await withDatabase('PostgreSQL', async (options) => {
  const client = new pg.Client({ ...options, user: options.username });
  await client.connect();
  const rate = await median(isQuick ? 1 : 3, async () => {
    await client.query(`DROP TABLE IF EXISTS t`);
    await client.query(
      'CREATE TABLE t (name text COLLATE "C" PRIMARY KEY, execute_after bigint, locked_until bigint, locked_by text) WITH (fillfactor = 70)',
    );
    await client.query('CREATE INDEX ON t (execute_after)');
    await client.query("INSERT INTO t SELECT 'i' || n, n FROM generate_series(1, $1::int) n", [COUNT]);
    await client.query('VACUUM ANALYZE t');
    const ms = await timed(async () => {
      const now = Date.now();
      for (let done = 0; done < COUNT;) {
        const { rows } = await client.query(CLAIM, [now + 60_000, 'me', now]);
        const names = rows.map(({ name }) => name);
        await client.query(SETTLE, [names, names.map(() => now + 3_600_000), 'me']);
        done += names.length;
      }
    });
    return (COUNT / ms) * 1_000;
  });
  await client.end();
  report({
    what: 'PostgreSQL, the driver alone',
    figure: `claim and settle ${COUNT} by hundreds`,
    value: rate,
    unit: '/s',
    compare: 'execute',
  });
});
if (!isThere) report({ what: 'PostgreSQL, the driver alone', skipped: 'nothing answers' });
