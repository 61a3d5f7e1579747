import type { Cluster, Redis } from 'ioredis';

/** What ioredis calls a connection to one server, or to all nodes of a cluster. */
export type RedisClient = Redis | Cluster;

/** Where the schedule is and how it is reached. */
export interface RedisStoreOptions {
  /** A client of the application, or where to connect to. */
  readonly source: RedisClient | string;
  /** With what every key begins. */
  readonly namespace: string;
  /** Whether other processes are told of what becomes due soon. */
  readonly notify: boolean;
  /** How long one round trip may take. */
  readonly queryTimeoutMs: number;
  /** What is wrong with what the application gave; said at its start. */
  readonly problems: readonly string[];
}
