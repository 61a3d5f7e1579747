import type { QueryRunner } from 'typeorm';
import { isRecord } from '../../../core/read-option.js';
import type { Dialect } from '../dialects/dialect.js';
import {
  type SqlParameter,
  type SqlRecord,
  type SqlResult,
  type SqlValues,
  type Statement,
  type Work,
  drive,
} from '../statement.js';

/** Runs work on a query runner, in whatever transaction it is in. */
export function driveOn<T>(work: Work<T>, runner: QueryRunner, dialect: Dialect): Promise<T> {
  return drive(work, async ({ sql, parameters, asValues }: Statement) => {
    const text = withPlaceholders(sql, dialect);
    if (asValues === true) return valuesOf(await runner.connect(), text, parameters);
    return resultOf(await runner.query(text, [...parameters], true));
  });
}

/** What we use of a connection of pg itself: TypeORM has no rows as lists. */
interface NativeConnection {
  query(options: {
    text: string;
    values: unknown[];
    rowMode: 'array';
  }): Promise<{ readonly rows: readonly SqlValues[]; readonly rowCount: number | null }>;
}

async function valuesOf(
  connection: NativeConnection,
  text: string,
  parameters: readonly SqlParameter[],
): Promise<SqlResult> {
  const { rows, rowCount } = await connection.query({ text, values: [...parameters], rowMode: 'array' });
  return { records: [], values: rows, affected: rowCount ?? rows.length };
}

/** `?` in the database's words. */
export function withPlaceholders(sql: string, dialect: Dialect): string {
  let number = 0;
  return sql.replaceAll('?', () => dialect.placeholder(++number));
}

function resultOf(answer: unknown): SqlResult {
  if (!isRecord(answer)) return { records: [], affected: 0 };
  const { records, affected } = answer;
  return {
    records: Array.isArray(records) ? records.filter((record): record is SqlRecord => isRecord(record)) : [],
    affected: typeof affected === 'number' ? affected : 0,
  };
}
