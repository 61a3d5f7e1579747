import type { QueryRunner } from 'typeorm';
import { isRecord } from '../../../core/read-option.js';
import type { Dialect } from '../dialects/dialect.js';
import {
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
    const result = resultOf(await runner.query(withPlaceholders(sql, dialect), [...parameters], true));
    return asValues === true ? { ...result, records: [], values: result.records.map(valuesOf) } : result;
  });
}

/** `?` in the database's words. */
export function withPlaceholders(sql: string, dialect: Dialect): string {
  let number = 0;
  return sql.replaceAll('?', () => dialect.placeholder(++number));
}

/** Names are in the order of the SELECT as long as they differ. */
const valuesOf = (record: SqlRecord): SqlValues => Object.values(record);

function resultOf(answer: unknown): SqlResult {
  if (!isRecord(answer)) return { records: [], affected: 0 };
  const { records, affected } = answer;
  return {
    records: Array.isArray(records) ? records.filter((record): record is SqlRecord => isRecord(record)) : [],
    affected: typeof affected === 'number' ? affected : 0,
  };
}
