import { STATIC_INSTANCE } from '../../../core/task-row.js';
import type { Dialect, TaskTable } from '../dialects/dialect.js';
import { type SqlRecord, type Work, query } from '../statement.js';
import { RecordReader } from '../task-columns.js';
import { CONTROL } from '../task-statements.js';
import type { EndedLeases, RowGroup } from './table-inspection.js';

/** From when a claim may take a row; see `claimableAt` of the transitions. */
const CLAIMABLE =
  'CASE WHEN due_at IS NULL THEN NULL WHEN locked_until > due_at THEN locked_until ELSE due_at END';

/** The statements that count, each as work to be run. They read the whole table: for people, not for the loop. */
export class CensusStatements {
  constructor(
    private readonly dialect: Dialect,
    private readonly table: TaskTable,
  ) {}

  *time(): Work<number | null> {
    const { records } = yield* query(`SELECT ${this.dialect.time ?? 'NULL'} AS at`);
    return new RecordReader(records[0] ?? {}).numberOrNull('at');
  }

  *groups(now: number, overdueBefore: number): Work<readonly RowGroup[]> {
    const condition =
      "CASE WHEN hold IS NOT NULL THEN hold WHEN lease_token IS NOT NULL AND locked_until > ? THEN 'running' ELSE 'scheduled' END";
    const rows = `SELECT task, CASE WHEN instance = ? THEN 1 ELSE 0 END AS is_static, ${condition} AS row_condition, ${CLAIMABLE} AS claimable_at FROM ${this.table.sql} WHERE task <> ?`;
    const { records } = yield* query(
      `SELECT r.task, r.is_static, r.row_condition, COUNT(*) AS row_count, SUM(CASE WHEN r.claimable_at < ? THEN 1 ELSE 0 END) AS overdue, MIN(r.claimable_at) AS claimable_at FROM (${rows}) r GROUP BY r.task, r.is_static, r.row_condition`,
      [overdueBefore, this.dialect.key(STATIC_INSTANCE), now, this.dialect.key(CONTROL)],
    );
    return records.map(groupOf);
  }

  *pausedTemplates(): Work<readonly string[]> {
    const { records } = yield* query(
      `SELECT instance FROM ${this.table.sql} WHERE task = ? AND instance <> ?`,
      [this.dialect.key(CONTROL), this.dialect.key('')],
    );
    return records.map((record) => new RecordReader(record).text('instance'));
  }

  *endedLeases(before: number): Work<readonly EndedLeases[]> {
    const { records } = yield* query(
      `SELECT locked_by, COUNT(*) AS row_count, MIN(locked_until) AS ended_at FROM ${this.table.sql} WHERE lease_token IS NOT NULL AND locked_until < ? GROUP BY locked_by ORDER BY 3`,
      [before],
    );
    return records.map((record) => {
      const read = new RecordReader(record);
      return {
        owner: read.textOrNull('locked_by'),
        rows: read.number('row_count'),
        endedAt: read.number('ended_at'),
      };
    });
  }
}

function groupOf(record: SqlRecord): RowGroup {
  const read = new RecordReader(record);
  const condition = read.text('row_condition');
  return {
    task: read.text('task'),
    isStatic: read.number('is_static') === 1,
    condition:
      condition === 'parked' || condition === 'running' || condition === 'paused' ? condition : 'scheduled',
    rows: read.number('row_count'),
    overdue: read.number('overdue'),
    claimableAt: read.numberOrNull('claimable_at'),
  };
}
