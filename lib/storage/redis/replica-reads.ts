import { RepositoryException } from '../../core/errors.js';
import { show } from '../../core/read-option.js';
import type { RedisClient } from './repository-options.js';

/**
 * A replica may not have yet what was written: a row that is there would not be found.
 *
 * @throws RepositoryException for a client of the application that asks replicas
 */
export function refuseReplicas({ options }: RedisClient): void {
  if ('scaleReads' in options) {
    const { scaleReads = 'master' } = options;
    if (scaleReads !== 'master') refuse('Cluster', 'scaleReads', scaleReads);
  } else if ('sentinels' in options && options.sentinels !== null && options.role === 'slave')
    refuse('Redis', 'role', options.role);
}

function refuse(kind: string, option: string, value: unknown): never {
  throw new RepositoryException(
    `The client of redisRepository() is a ${kind} with ${option}: ${show(value)}, which reads from replicas, and these may not have yet what was written: give it one with ${option}: 'master', the default`,
    { isPermanent: true },
  );
}
