import type { TaskRow } from '../../core/task-row.js';
import { textOf } from '../decide.js';
import type { TaskTable } from './dialects/dialect.js';
import { arrayOf, unnest } from './dialects/lists.js';
import { POSTGRES_TYPES } from './dialects/postgres.js';
import { type SqlPiece, type SqlParameter, type SqlValue, type Work, queryValues } from './statement.js';
import { COLUMNS, type TaskColumn } from './task-columns.js';

/** Fewer rows may have a value in common by chance; and each combination of columns is a statement to be prepared. */
const ENOUGH_TO_SHARE = 16;

/** One column of the rows: what stands for it in the SELECT, and its values where they differ. */
interface Source {
  readonly column: TaskColumn;
  readonly values: readonly SqlValue[];
  readonly isShared: boolean;
}

/** Inserts rows on PostgreSQL, many in one statement, where most of them are expected to be new. */
export class PostgresNewRows {
  constructor(private readonly table: TaskTable) {}

  /**
   * Inserts those that are not there and leaves those that are; answers the keys of those it has left, as texts. They are to be in the
   * order in which everybody takes locks.
   */
  *insert(rows: readonly TaskRow[]): Work<ReadonlySet<string>> {
    const { sql, parameters } = this.insertion(sourcesOf(rows));
    const answers = yield* queryValues(
      `WITH new AS (${sql} ON CONFLICT DO NOTHING RETURNING task, instance), counted AS (SELECT COUNT(*) AS count FROM new) ` +
        `SELECT count, NULL AS task, NULL AS instance FROM counted UNION ALL SELECT NULL, task, instance FROM new, counted WHERE count <> ?`,
      [...parameters, rows.length],
    );
    // Usually all are new, and nothing has to be said of any.
    const [counted, ...inserted] = answers;
    if (Number(counted?.[0]) === rows.length) return new Set();
    const left = new Set(rows.map(textOf));
    for (const [, task, instance] of inserted)
      left.delete(textOf({ task: String(task), instance: String(instance) }));
    return left;
  }

  /** A value that all rows share is sent once. */
  private insertion(sources: readonly Source[]): SqlPiece {
    const shared = sources.filter(({ isShared }) => isShared);
    const own = sources.filter(({ isShared }) => !isShared);
    const namesOf = (some: readonly Source[]): string[] => some.map(({ column }) => column.name);
    const typeOf = ({ column }: Source): string => POSTGRES_TYPES[column.kind];
    const chosen = [...shared.map((one) => `?::${typeOf(one)}`), ...namesOf(own).map((name) => `n.${name}`)];
    const parameters: SqlParameter[] = [
      ...shared.map(({ values }) => values[0] ?? null),
      ...own.map(({ values }) => arrayOf(values)),
    ];
    return {
      sql:
        `INSERT INTO ${this.table.sql} (${[...namesOf(shared), ...namesOf(own)].join(', ')}, version) ` +
        `SELECT ${chosen.join(', ')}, 0 FROM ${unnest(own.map(typeOf))} AS n (${namesOf(own).join(', ')})`,
      parameters,
    };
  }
}

/** The columns that are not empty in all rows, as most are in new ones. */
function sourcesOf(rows: readonly TaskRow[]): readonly Source[] {
  const sources: Source[] = [];
  for (const column of COLUMNS) {
    const values = rows.map((row) => column.encode(row));
    const [first] = values;
    const isSame = values.every((value) => value === first);
    if (isSame && first === null) continue;
    sources.push({ column, values, isShared: isSame && rows.length >= ENOUGH_TO_SHARE });
  }
  return sources;
}
