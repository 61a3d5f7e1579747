import type { Cluster, Redis } from 'ioredis';
import { didYouMean } from '../core/did-you-mean.js';
import { type DurationLike, toPositiveMilliseconds } from '../core/duration.js';
import { isRecord, show } from '../core/read-option.js';
import type { TaskRepository } from '../core/task-repository.js';
import { RedisRepository } from '../storage/redis/redis.repository.js';
import type { RedisClient } from '../storage/redis/repository-options.js';

/** How the schedule is kept, wherever it is. */
export interface RedisScheduleOptions {
  /**
   * With what every key begins, after a brace: `{pyncette}:…`, `{pyncette:…`. Applications with different ones do not see each other.
   * Letters, digits, `.`, `_` and `-`. Default `pyncette`.
   */
  namespace?: string;
  /** Whether processes tell each other (by pub/sub) of what becomes due before they would look. Default false. */
  notify?: boolean;
  /** How long one round trip may take before it is given up and tried again. Default ten seconds. */
  queryTimeout?: DurationLike;
}

/** A connection that the scheduler opens and closes itself. */
export interface RedisUrlOptions extends RedisScheduleOptions {
  /** Such as `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  url: string;
  client?: undefined;
}

/** A client of the application, which stays its own. */
export interface RedisClientOptions extends RedisScheduleOptions {
  /** An ioredis client: of one server, of sentinels, or a `Cluster`. Its reads have to go to masters, as they do by default. */
  client: Redis | Cluster;
  url?: undefined;
}

/** Options of `redisRepository()`: where Redis is, and how the schedule is kept there. */
export type RedisRepositoryOptions = RedisUrlOptions | RedisClientOptions;

const OPTIONS = ['url', 'client', 'namespace', 'notify', 'queryTimeout'];
const DEFAULT_NAMESPACE = 'pyncette';
const DEFAULT_QUERY_TIMEOUT_MS = 10_000;

/**
 * Keeps the schedule in Redis 6.2 or later, Valkey or Redis Cluster, through ioredis. What is wrong with the options is said when the
 * application starts, together with everything else that is.
 *
 * @example redisRepository({ url: 'redis://127.0.0.1:6379' })
 * @example redisRepository({ client: new Cluster([{ host: 'redis-1', port: 6379 }]), namespace: 'billing' })
 */
export function redisRepository(options: RedisRepositoryOptions): TaskRepository {
  const problems: string[] = [];
  const given: unknown = options;
  const { url, client, namespace, notify, queryTimeout, ...rest } = isRecord(given) ? given : {};
  for (const name of Object.keys(rest))
    problems.push(`redisRepository() knows no option '${name}'${didYouMean(name, OPTIONS)}`);
  return new RedisRepository({
    source: sourceOf(url, client, problems),
    namespace: namespaceOf(namespace ?? DEFAULT_NAMESPACE, problems),
    notify: flagOf(notify ?? false, problems),
    queryTimeoutMs: limitOf(queryTimeout ?? DEFAULT_QUERY_TIMEOUT_MS, problems),
    problems,
  });
}

/** What a problem says never holds the url: there may be a password in it. */
function sourceOf(url: unknown, client: unknown, problems: string[]): RedisClient | string {
  if ((url === undefined) === (client === undefined))
    problems.push(
      `redisRepository() is given ${url === undefined ? 'neither url nor client' : 'both url and client'}: give { url: 'redis://…' } for a connection of its own, or { client } for an ioredis client of the application`,
    );
  else if (isClient(client)) return client;
  else if (isUrl(url)) return url;
  else if (url === undefined)
    problems.push(
      `client of redisRepository() is ${show(client)}; it has to be an ioredis client (a Redis or a Cluster)`,
    );
  else problems.push('url of redisRepository() has to begin with redis:// or rediss://, and to name a host');
  return '';
}

const isUrl = (url: unknown): url is string =>
  typeof url === 'string' && /^rediss?:\/\/./.test(url) && URL.canParse(url);

const isClient = (client: unknown): client is RedisClient =>
  isRecord(client) && ['call', 'duplicate', 'disconnect'].every((name) => typeof client[name] === 'function');

/** It stands within the braces that decide about a cluster's slots. */
function namespaceOf(namespace: unknown, problems: string[]): string {
  if (typeof namespace === 'string' && /^[A-Za-z0-9._-]{1,100}$/.test(namespace)) return namespace;
  problems.push(
    `namespace of redisRepository() is ${show(namespace)}; it has to be 1 to 100 letters, digits, dots, underscores and hyphens`,
  );
  return DEFAULT_NAMESPACE;
}

function flagOf(notify: unknown, problems: string[]): boolean {
  if (typeof notify === 'boolean') return notify;
  problems.push(`notify of redisRepository() is ${show(notify)}; it has to be true or false`);
  return false;
}

function limitOf(queryTimeout: unknown, problems: string[]): number {
  try {
    return toPositiveMilliseconds(queryTimeout as DurationLike);
  } catch (error) {
    problems.push(
      `queryTimeout of redisRepository(): ${error instanceof Error ? error.message : String(error)}`,
    );
    return DEFAULT_QUERY_TIMEOUT_MS;
  }
}
