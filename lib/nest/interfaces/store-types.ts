/**
 * Types that a store brings along, by declaration merging: `nestjs-pyncette/typeorm` says here that `manager` is an `EntityManager`,
 * so that this entry needs no types of TypeORM.
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- other entries add to it
export interface PyncetteStoreTypes {}

/** What the store calls a transaction: an `EntityManager` of TypeORM once `nestjs-pyncette/typeorm` is imported. */
export type TransactionManager = PyncetteStoreTypes extends { manager: infer Manager } ? Manager : unknown;
