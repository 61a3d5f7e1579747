import type { DataSourceOptions, MigrationInterface, QueryRunner } from 'typeorm';
import { creationOf, dropOf } from '../storage/typeorm/schema.js';
import { dialectNamed } from '../storage/typeorm/database.js';
import { tableOf } from '../storage/typeorm/schema.js';

/** Names that differ from the defaults; the same as those given to `typeOrmRepository()`. */
export interface PyncetteTableNames {
  /** Default `pyncette_tasks`. */
  tableName?: string;
  /** Default: wherever the connection looks first. */
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

/**
 * The migration that creates the scheduler's table. List it among the `migrations` of the application's DataSource, and give
 * `typeOrmRepository({ createTables: false })`. For other names than the defaults: `CreatePyncetteTables.named({ tableName, schema })`.
 */
export class CreatePyncetteTables implements MigrationInterface {
  /** What TypeORM remembers it by; the number is its place among migrations. */
  readonly name: string = 'CreatePyncetteTables1763942400000';
  protected readonly names: PyncetteTableNames = {};

  /** The same migration for a table of another name. */
  static named(names: PyncetteTableNames): new () => CreatePyncetteTables {
    return class extends CreatePyncetteTables {
      protected override readonly names = names;
    };
  }

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const sql of pyncetteSql(typeOf(queryRunner), this.names)) await queryRunner.query(sql);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const { tableName = 'pyncette_tasks', schema } = this.names;
    const dialect = dialectNamed(typeOf(queryRunner));
    await queryRunner.query(dropOf(tableOf(dialect, tableName, schema ?? null)));
  }
}

const typeOf = ({ manager }: QueryRunner): DataSourceOptions['type'] => manager.connection.options.type;
