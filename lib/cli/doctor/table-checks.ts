import type { VacuumCondition } from '../../storage/typeorm/inspection/table-condition.js';
import type { Moments } from '../moments.js';
import { type Check, type Finding, fail, ok, warn } from './finding.js';

/** So many rows left behind by updates matter, if they are more than those that live. */
const DEAD_ROWS = 10_000;

/** The index, and how the database keeps the table. */
export const tableCondition: Check = async ({ store: { inspection }, moments }) => {
  if (inspection === null) return [];
  const { sql } = inspection.table;
  const { hasIndex, journalMode, engine, vacuum } = await inspection.condition();
  return [
    indexFinding(hasIndex),
    ...(journalMode === null ? [] : [journalFinding(journalMode)]),
    ...(engine === null ? [] : [engineFinding(engine, sql)]),
    ...(vacuum === null ? [] : [vacuumFinding(vacuum, sql, moments)]),
  ];
};

const indexFinding = (hasIndex: boolean): Finding =>
  hasIndex
    ? ok('index', 'on (queue, due_at)')
    : fail(
        'index',
        'there is none on (queue, due_at): every poll reads the whole table',
        'nestjs-pyncette migrate --print has the statement that creates it',
      );

const journalFinding = (mode: string): Finding =>
  mode === 'wal'
    ? ok('journal', 'WAL')
    : warn(
        'journal',
        `the journal mode is ${mode}: readers and writers keep each other waiting`,
        'enableWAL: true in the options of the DataSource',
      );

const engineFinding = (engine: string, table: string): Finding =>
  engine.toLowerCase() === 'innodb'
    ? ok('engine', engine)
    : fail(
        'engine',
        `the table is kept by ${engine}, which locks no rows`,
        `ALTER TABLE ${table} ENGINE = InnoDB`,
      );

function vacuumFinding(
  { isAutomatic, liveRows, deadRows, cleanedAt }: VacuumCondition,
  table: string,
  moments: Moments,
): Finding {
  const cleaned = cleanedAt === null ? 'never vacuumed yet' : `vacuumed ${moments.relative(cleanedAt)}`;
  const rows = `${deadRows.toLocaleString('en')} dead rows beside ${liveRows.toLocaleString('en')}, ${cleaned}`;
  if (!isAutomatic)
    return warn(
      'vacuum',
      `autovacuum is off; ${rows}`,
      `switch it on, autovacuum = on in the server's configuration and ALTER TABLE ${table} RESET (autovacuum_enabled), or run VACUUM often`,
    );
  if (deadRows > DEAD_ROWS && deadRows > liveRows)
    return warn(
      'vacuum',
      rows,
      'a transaction that has been open for long keeps them: look into pg_stat_activity for an old xact_start; then VACUUM',
    );
  return ok('vacuum', rows);
}
