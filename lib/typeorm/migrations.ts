import type { DataSourceOptions, MigrationInterface, QueryRunner } from 'typeorm';
import { dialectNamed } from '../storage/typeorm/database.js';
import { creationOf, dropOf, schemaOf, tableOf } from '../storage/typeorm/schema.js';

/** Names that differ from the defaults; the same as those given to `typeOrmRepository()`. */
export interface PyncetteTableNames {
  /** Default `pyncette_tasks`. */
  tableName?: string;
  /** Default: the DataSource's own (for `pyncetteSql`: wherever the connection looks first). */
  schema?: string;
}

/**
 * The SQL that creates the scheduler's table, for applications that migrate by other means than TypeORM: statements in their order,
 * each harmless where it was run before.
 *
 * @param type TypeORM's name for the database: `'postgres'`, `'mysql'`, `'mariadb'` or `'better-sqlite3'`
 * @throws RangeError for other databases
 */
export function pyncetteSql(
  type: DataSourceOptions['type'],
  { tableName = 'pyncette_tasks', schema }: PyncetteTableNames = {},
): readonly string[] {
  const dialect = dialectNamed(type);
  return creationOf(dialect, tableOf(dialect, tableName, schema ?? null));
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

  /** The same migration for a table of another name. */
  static named(names: PyncetteTableNames): new () => CreatePyncetteTables {
    const label = [names.schema, names.tableName].filter((part) => part !== undefined).join('_');
    return class extends CreatePyncetteTables {
      override readonly name = `CreatePyncetteTables_${label}${CREATED_AT}`;
      protected override readonly names = names;
    };
  }

  async up(queryRunner: QueryRunner): Promise<void> {
    const { dialect, table } = this.tableOn(queryRunner);
    for (const sql of creationOf(dialect, table)) await queryRunner.query(sql);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(dropOf(this.tableOn(queryRunner).table));
  }

  private tableOn({ manager }: QueryRunner) {
    const { tableName = 'pyncette_tasks', schema = schemaOf(manager.connection) } = this.names;
    const dialect = dialectNamed(manager.connection.options.type);
    return { dialect, table: tableOf(dialect, tableName, schema) };
  }
}
