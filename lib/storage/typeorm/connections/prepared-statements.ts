import { createHash } from 'node:crypto';
import type { QueryRunner } from 'typeorm';
import { type Dialect, codeOf } from '../dialects/dialect.js';
import {
  type SqlRecord,
  type SqlResult,
  type SqlValues,
  type Statement,
  type Work,
  drive,
} from '../statement.js';
import { withPlaceholders } from './type-orm-statements.js';

/** What we use of a connection of pg itself: TypeORM has neither names for statements nor rows as lists. */
interface NativeConnection {
  query(options: NativeQuery, callback: (error: Error | null, answer: NativeAnswer) => void): void;
}

interface NativeQuery {
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
  readonly rowMode?: 'array';
  readonly types?: typeof AS_TEXT;
}

interface NativeAnswer {
  readonly rows: readonly (SqlRecord & SqlValues)[];
  readonly rowCount: number | null;
}

/** Whoever asks for values reads them himself: what the driver makes of big numbers would be thrown away. */
const AS_TEXT = { getTypeParser: () => (text: string) => text };

/** Most statements that a connection keeps prepared; there are about twenty. */
const MOST = 100;

/**
 * invalid_sql_statement_name, duplicate_prepared_statement: a pooler gave our connection to somebody else in between.
 * feature_not_supported: the table was altered meanwhile.
 */
const REFUSALS = ['26000', '42P05', '0A000'];

/**
 * The scheduler's own statements on PostgreSQL: the same texts again and again, so they are prepared under names and planned once. Behind a
 * pooler that knows no names (PgBouncer before 1.21, pooling by transaction) they go without, from the first refusal on.
 */
export class PreparedStatements {
  private readonly names = new Map<string, string>();
  private areRefused = false;

  constructor(private readonly dialect: Dialect) {}

  drive<T>(work: Work<T>, runner: QueryRunner): Promise<T> {
    return drive(work, async (statement) => this.run(await runner.connect(), statement));
  }

  /** Whether the same work will succeed when it is begun anew. */
  isRefusal(error: unknown): boolean {
    if (this.areRefused || !REFUSALS.includes(codeOf(error))) return false;
    this.areRefused = true;
    return true;
  }

  private async run(
    connection: NativeConnection,
    { sql, parameters, asValues }: Statement,
  ): Promise<SqlResult> {
    const { rows, rowCount } = await answerOf(connection, {
      name: this.nameOf(sql),
      text: withPlaceholders(sql, this.dialect),
      values: [...parameters],
      ...(asValues === true && { rowMode: 'array', types: AS_TEXT }),
    });
    const affected = rowCount ?? rows.length;
    return asValues === true ? { records: [], values: rows, affected } : { records: rows, affected };
  }

  private nameOf(sql: string): string | undefined {
    if (this.areRefused) return undefined;
    const known = this.names.get(sql);
    if (known !== undefined || this.names.size >= MOST) return known;
    // A pooler may bring us to where another process has prepared its own: the same name has to be the same text everywhere.
    const name = `pyncette_${createHash('sha256').update(sql).digest('hex').slice(0, 32)}`;
    this.names.set(sql, name);
    return name;
  }
}

/**
 * By callback, not by the promise that pg would make: of those each keeps the next one's rows from being collected young, so that a third
 * of the time of a thousand executions a statement went into copying what nobody needs any more.
 */
const answerOf = (connection: NativeConnection, query: NativeQuery): Promise<NativeAnswer> =>
  new Promise((resolve, reject) => {
    connection.query(query, (error, answer) => (error === null ? resolve(answer) : reject(error)));
  });
