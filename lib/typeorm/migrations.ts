import type { DataSourceOptions, MigrationInterface, QueryRunner } from 'typeorm';
import { dialectNamed } from '../storage/typeorm/database.js';
import { historyCreationOf } from '../storage/typeorm/history-schema.js';
import { creationOf, dropOf, tableOf } from '../storage/typeorm/schema.js';
import { type PyncetteTableNames, checkNames, labelOf, tableOn } from './table-names.js';

/**
 * The SQL that creates the scheduler's table and that of its history, for applications that migrate by other means than TypeORM:
 * statements in their order, each harmless where it was run before.
 *
 * @param type TypeORM's name for the database: `'postgres'`, `'mysql'`, `'mariadb'` or `'better-sqlite3'`
 * @throws RepositoryException for other databases, InvalidTaskException for names that are no plain identifiers
 */
export function pyncetteSql(
  type: DataSourceOptions['type'],
  names: PyncetteTableNames = {},
): readonly string[] {
  checkNames(names, 'pyncetteSql()');
  const { tableName = 'pyncette_tasks', schema } = names;
  const dialect = dialectNamed(type);
  const table = tableOf(dialect, tableName, schema ?? null);
  return [...creationOf(dialect, table), ...historyCreationOf(dialect, table)];
}

/** The migration's place among others. */
const CREATED_AT = 1_763_942_400_000;

/**
 * The migration that creates the scheduler's table. List it among the `migrations` of the application's DataSource, and give
 * `typeOrmRepository({ createTables: false })`. For other names than the defaults: `CreatePyncetteTables.named({ tableName, schema })`.
 */
export class CreatePyncetteTables implements MigrationInterface {
  /** What TypeORM remembers it by; the number is its place among migrations. */
  readonly name: string = `CreatePyncetteTables${CREATED_AT}`;
  protected readonly names: PyncetteTableNames = {};

  /** The same migration for a table of another name. @throws InvalidTaskException when that is no plain identifier */
  static named(names: PyncetteTableNames): new () => CreatePyncetteTables {
    checkNames(names, 'CreatePyncetteTables.named()');
    return class extends CreatePyncetteTables {
      override readonly name = `CreatePyncetteTables_${labelOf(names)}${CREATED_AT}`;
      protected override readonly names = names;
    };
  }

  async up(queryRunner: QueryRunner): Promise<void> {
    const { dialect, table } = tableOn(queryRunner, this.names);
    for (const sql of creationOf(dialect, table)) await queryRunner.query(sql);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(dropOf(tableOn(queryRunner, this.names).table));
  }
}
