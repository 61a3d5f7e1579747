import type { QueryRunner } from 'typeorm';
import { InvalidTaskException } from '../core/errors.js';
import { isRecord, show } from '../core/read-option.js';
import { dialectNamed } from '../storage/typeorm/database.js';
import { schemaOf, tableOf } from '../storage/typeorm/schema.js';
import { isIdentifier, noIdentifier } from './identifier.js';

/** Names that differ from the defaults; the same as those given to `typeOrmRepository()`. */
export interface PyncetteTableNames {
  /** Default `pyncette_tasks`. A plain identifier. */
  tableName?: string;
  /** Default: the DataSource's own (for `pyncetteSql`: wherever the connection looks first). A plain identifier. */
  schema?: string;
}

/** @throws InvalidTaskException when a name is none that `typeOrmRepository()` takes */
export function checkNames(names: unknown, owner: string): void {
  const problems = problemsOf(names, owner);
  if (problems.length > 0) throw new InvalidTaskException(problems);
}

function problemsOf(names: unknown, owner: string): readonly string[] {
  if (!isRecord(names)) return [`${owner} takes tableName and schema in an object, not ${show(names)}`];
  const { tableName, schema } = names;
  const given = Object.entries({ tableName, schema: schema ?? undefined }).filter(
    ([, name]) => name !== undefined,
  );
  return given
    .filter(([, name]) => !isIdentifier(name))
    .map(([option, name]) => noIdentifier(option, name, owner));
}

/** What tells the migrations of several tables apart. */
export const labelOf = ({ schema, tableName }: PyncetteTableNames): string =>
  [schema ?? undefined, tableName].filter((part) => part !== undefined).join('_');

/** The scheduler's table where a migration runs. */
export function tableOn({ manager }: QueryRunner, names: PyncetteTableNames) {
  const { tableName = 'pyncette_tasks' } = names;
  const schema = names.schema ?? schemaOf(manager.connection);
  const dialect = dialectNamed(manager.connection.options.type);
  return { dialect, table: tableOf(dialect, tableName, schema) };
}
