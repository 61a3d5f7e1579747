import { SystemClock } from '../../core/clock.js';
import type { Store } from '../store.js';
import { durationText } from '../moments.js';
import { type Check, type Finding, fail, ok, warn } from './finding.js';

const SLOW_MS = 250;
const APART_MS = 1_000;

/** As many rows left behind as rows that live, and enough of them to matter. */
const DEAD_ROWS = 10_000;

/** Whether the store answers, how fast, and what time it thinks it is. */
export async function answerOf({ inspection, repository, address }: Store): Promise<readonly Finding[]> {
  if (inspection === null) {
    const apartMs = repository.now() - new SystemClock().now();
    return [ok('reachable', address.shown), clockFinding(apartMs)];
  }
  await inspection.time();
  const readings = [await inspection.time(), await inspection.time(), await inspection.time()];
  const best = readings.reduce((least, one) => (one.roundTripMs < least.roundTripMs ? one : least));
  const { roundTripMs, at } = best;
  const latency = `${address.shown}, answers in ${roundTripMs.toFixed(1)} ms`;
  const reachable =
    roundTripMs > SLOW_MS
      ? warn(
          'reachable',
          latency,
          'every claim and settlement takes a few such round trips: bring the processes nearer to the database',
        )
      : ok('reachable', latency);
  if (at === null)
    return [reachable, ok('clock', 'the store has no clock of its own: that of each process decides')];
  const last = readings.at(-1) ?? best;
  return [reachable, clockFinding((last.at ?? at) + last.roundTripMs / 2 - new SystemClock().now())];
}

function clockFinding(apartMs: number): Finding {
  const text = `this machine is ${durationText(apartMs, 2)} ${apartMs >= 0 ? 'behind' : 'ahead of'} the store`;
  if (Math.abs(apartMs) < APART_MS) return ok('clock', text);
  return warn(
    'clock',
    text,
    'the store’s clock decides, so nothing runs wrongly; but logs will not agree: synchronise the clocks (NTP)',
  );
}

/** The index, and how the database keeps the table. */
export const tableCondition: Check = async ({ store: { inspection }, moments }) => {
  if (inspection === null) return [];
  const { hasIndex, journalMode, engine, vacuum } = await inspection.condition();
  const findings = [
    hasIndex
      ? ok('index', 'on (queue, due_at)')
      : fail(
          'index',
          'there is none on (queue, due_at): every poll reads the whole table',
          'nestjs-pyncette migrate --print has the statement that creates it',
        ),
  ];
  if (journalMode !== null)
    findings.push(
      journalMode === 'wal'
        ? ok('journal', 'WAL')
        : warn(
            'journal',
            `the journal mode is ${journalMode}: readers and writers keep each other waiting`,
            'enableWAL: true in the options of the DataSource',
          ),
    );
  if (engine !== null)
    findings.push(
      engine.toLowerCase() === 'innodb'
        ? ok('engine', engine)
        : fail(
            'engine',
            `the table is kept by ${engine}, which locks no rows`,
            `ALTER TABLE ${inspection.table.sql} ENGINE = InnoDB`,
          ),
    );
  if (vacuum !== null) {
    const { isAutomatic, liveRows, deadRows, cleanedAt } = vacuum;
    const rows = `${deadRows.toLocaleString('en')} dead rows beside ${liveRows.toLocaleString('en')}, ${cleanedAt === null ? 'never vacuumed yet' : `vacuumed ${moments.relative(cleanedAt)}`}`;
    if (!isAutomatic)
      findings.push(
        warn(
          'vacuum',
          `autovacuum is off; ${rows}`,
          `switch it on: ALTER TABLE ${inspection.table.sql} SET (autovacuum_enabled = true), or autovacuum = on in the server's configuration`,
        ),
      );
    else if (deadRows > DEAD_ROWS && deadRows > liveRows)
      findings.push(
        warn(
          'vacuum',
          rows,
          'a transaction that has been open for long keeps them: look into pg_stat_activity for an old xact_start; then VACUUM',
        ),
      );
    else findings.push(ok('vacuum', rows));
  }
  return findings;
};
