import { pyncetteSql } from '../typeorm/migrations.js';
import type { PyncetteTableNames } from '../typeorm/table-names.js';
import { typeOf } from './sql-store.js';
import type { StoreAddress } from './store-address.js';

/** The statements that create the table in a database of that kind, in their order. */
export const sqlFor = (address: StoreAddress, names: PyncetteTableNames): readonly string[] =>
  pyncetteSql(typeOf(address), names);
