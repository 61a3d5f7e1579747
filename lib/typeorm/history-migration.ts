import type { MigrationInterface, QueryRunner } from 'typeorm';
import { historyCreationOf, historyTableOf } from '../storage/typeorm/history-schema.js';
import { dropOf } from '../storage/typeorm/schema.js';
import { type PyncetteTableNames, checkNames, labelOf, tableOn } from './table-names.js';

/** The migration's place among others. */
const CREATED_AT = 1_764_028_800_000;

/**
 * The migration that creates the table of the history, for applications that keep one (the module's `history`) and give
 * `typeOrmRepository({ createTables: false })`. List it after `CreatePyncetteTables`. For other names than the defaults:
 * `CreatePyncetteHistory.named({ tableName, schema })`, with the names of the scheduler's table.
 */
export class CreatePyncetteHistory implements MigrationInterface {
  /** What TypeORM remembers it by; the number is its place among migrations. */
  readonly name: string = `CreatePyncetteHistory${CREATED_AT}`;
  protected readonly names: PyncetteTableNames = {};

  /** The same migration for a table of another name. @throws InvalidTaskException when that is no plain identifier */
  static named(names: PyncetteTableNames): new () => CreatePyncetteHistory {
    checkNames(names, 'CreatePyncetteHistory.named()');
    return class extends CreatePyncetteHistory {
      override readonly name = `CreatePyncetteHistory_${labelOf(names)}${CREATED_AT}`;
      protected override readonly names = names;
    };
  }

  async up(queryRunner: QueryRunner): Promise<void> {
    const { dialect, table } = tableOn(queryRunner, this.names);
    for (const sql of historyCreationOf(dialect, table)) await queryRunner.query(sql);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const { dialect, table } = tableOn(queryRunner, this.names);
    await queryRunner.query(dropOf(historyTableOf(dialect, table)));
  }
}
