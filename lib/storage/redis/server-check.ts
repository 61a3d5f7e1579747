import { RepositoryException } from '../../core/errors.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';

/** The version of how things are kept in Redis that this release writes and reads. */
const FORMAT = 1;

/** Looks at a server before it is used. */
export class ServerCheck {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {}

  /** @throws RepositoryException when the schedule there is of another release, or cannot be reached this way */
  async open(): Promise<void> {
    const { link, keys } = this;
    if (!link.isCluster) await this.refuseNode();
    const stored =
      (await link.trip(() => link.command('get', keys.format))) ??
      (await link.trip(() => link.command('set', keys.format, FORMAT, 'NX'))) ??
      (await link.trip(() => link.command('get', keys.format)));
    if (stored === 'OK' || Number(stored) === FORMAT) return;
    throw new RepositoryException(
      `The schedule in Redis under '${keys.format}' has format ${String(stored)}, this release needs ${FORMAT}: update this application, or give redisRepository() another namespace`,
      { isPermanent: true },
    );
  }

  /** One connection to one node would reach a part of the schedule only. */
  private async refuseNode(): Promise<void> {
    const [info = ''] = await this.link.info().catch(() => []);
    if (fieldOf(info, 'cluster_enabled') !== '1') return;
    throw new RepositoryException(
      'This Redis is a node of a Redis Cluster: give redisRepository({ client: new Cluster([{ host, port }]) })',
      { isPermanent: true },
    );
  }

  /** What should be said about how the server is set up; nothing where it may not be asked. */
  async warnings(): Promise<readonly string[]> {
    const infos = await this.link.info().catch(() => []);
    const warnings: string[] = [];
    const policy = infos.map((info) => fieldOf(info, 'maxmemory_policy')).find(isHarmful);
    if (policy)
      warnings.push(
        `Redis may delete parts of the schedule when its memory is full (maxmemory-policy ${policy}): set maxmemory-policy noeviction`,
      );
    if (infos.some((info) => fieldOf(info, 'aof_enabled') === '0'))
      warnings.push(
        'Redis keeps no append-only file, so that a restart loses what was scheduled and done since its last snapshot: set appendonly yes',
      );
    return warnings;
  }
}

/** No key of ours has a time to live: those that have one may go. */
const isHarmful = (policy: string | null): boolean =>
  policy !== null && policy !== 'noeviction' && !policy.startsWith('volatile-');

/** One line of what INFO answers. */
function fieldOf(info: string, name: string): string | null {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? null;
}
