import type { QueryRunner } from 'typeorm';
import { dialectNamed } from '../storage/typeorm/database.js';
import { schemaOf, tableOf } from '../storage/typeorm/schema.js';

/** Names that differ from the defaults; the same as those given to `typeOrmRepository()`. */
export interface PyncetteTableNames {
  /** Default `pyncette_tasks`. */
  tableName?: string;
  /** Default: the DataSource's own (for `pyncetteSql`: wherever the connection looks first). */
  schema?: string;
}

/** What tells the migrations of several tables apart. */
export const labelOf = ({ schema, tableName }: PyncetteTableNames): string =>
  [schema, tableName].filter((part) => part !== undefined).join('_');

/** The scheduler's table where a migration runs. */
export function tableOn({ manager }: QueryRunner, names: PyncetteTableNames) {
  const { tableName = 'pyncette_tasks', schema = schemaOf(manager.connection) } = names;
  const dialect = dialectNamed(manager.connection.options.type);
  return { dialect, table: tableOf(dialect, tableName, schema) };
}
