import type { EntityManager } from 'typeorm';

declare module '../nest/interfaces/store-types.js' {
  interface PyncetteStoreTypes {
    manager: EntityManager;
  }
}

export {
  type ApplicationDataSource,
  type TypeOrmRepositoryOptions,
  type TypeOrmTableOptions,
  typeOrmRepository,
} from './typeorm-repository.js';
export { CreatePyncetteTables, pyncetteSql } from './migrations.js';
export { CreatePyncetteHistory } from './history-migration.js';
export type { PyncetteTableNames } from './table-names.js';
