import { pyncetteSql } from '../typeorm/migrations.js';
import { typeOf } from './sql-store.js';
import type { StoreNames } from './store.js';
import type { StoreAddress } from './store-address.js';

/** The statements that create the table in a database of that kind, in their order. */
export const sqlFor = (address: StoreAddress, { table, schema }: StoreNames): readonly string[] =>
  pyncetteSql(typeOf(address), { tableName: table, ...(schema !== null && { schema }) });
