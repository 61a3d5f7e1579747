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
  query(
    options: NativeQuery,
    callback: (error: Error | null | undefined, answer: NativeAnswer) => void,
  ): void;
}

interface NativeQuery {
  readonly name?: string | undefined;
  readonly text: string;
  readonly values: unknown[];
  readonly rowMode?: 'array';
  readonly types?: typeof AS_TEXT;
}

interface NativeAnswer {
  readonly rows: readonly (SqlRecord & SqlValues)[];
  readonly rowCount: number | null;
}

/** A statement in the database's words. */
interface Prepared {
  /** undefined: it is not worth a name. */
  readonly name: string | undefined;
  readonly text: string;
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
  private readonly known = new Map<string, Prepared>();
  private areRefused = false;
  /** Errors of statements that had names, and will succeed without. */
  private readonly refusals = new WeakSet<object>();

  constructor(private readonly dialect: Dialect) {}

  drive<T>(work: Work<T>, runner: QueryRunner): Promise<T> {
    return drive(work, async (statement) => this.run(await runner.connect(), statement));
  }

  /** Whether the same work will succeed when it is begun anew. */
  isRefusal(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.refusals.has(error);
  }

  private async run(
    connection: NativeConnection,
    { sql, parameters, asValues }: Statement,
  ): Promise<SqlResult> {
    const { name, text } = this.prepared(sql);
    const isNamed = !this.areRefused && name !== undefined;
    const asking = answerOf(connection, {
      ...(isNamed && { name }),
      text,
      values: [...parameters],
      ...(asValues === true && { rowMode: 'array', types: AS_TEXT }),
    });
    const { rows, rowCount } = await (isNamed
      ? asking.catch((error: unknown) => this.refused(error))
      : asking);
    const affected = rowCount ?? rows.length;
    return asValues === true ? { records: [], values: rows, affected } : { records: rows, affected };
  }

  /** Several may be under way when the first is refused. */
  private refused(error: unknown): never {
    if (typeof error === 'object' && error !== null && REFUSALS.includes(codeOf(error))) {
      this.areRefused = true;
      this.refusals.add(error);
    }
    throw error;
  }

  private prepared(sql: string): Prepared {
    const known = this.known.get(sql);
    if (known !== undefined) return known;
    const text = withPlaceholders(sql, this.dialect);
    if (this.known.size >= MOST) return { name: undefined, text };
    // A pooler may bring us to where another process has prepared its own: the same name has to be the same text everywhere.
    const hash = createHash('sha256').update(sql).digest('hex');
    const prepared = { name: `pyncette_${hash.slice(0, 32)}`, text };
    this.known.set(sql, prepared);
    return prepared;
  }
}

/**
 * By callback, not by the promise that pg would make: of those each keeps the next one's rows from being collected young, so that a third
 * of the time of a thousand executions a statement went into copying what nobody needs any more.
 */
const answerOf = (connection: NativeConnection, query: NativeQuery): Promise<NativeAnswer> =>
  new Promise((resolve, reject) => {
    connection.query(query, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
