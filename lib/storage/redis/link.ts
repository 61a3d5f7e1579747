import { setTimeout as sleep } from 'node:timers/promises';
import { RepositoryException } from '../../core/errors.js';
import type { Connection } from './connection.js';
import type { Script } from './script.js';

/** What commands take. */
export type Argument = string | number | Buffer;

/** Sends commands: those of one trip at once, each trip within the time limit. */
export class Link {
  constructor(
    private readonly connection: Connection,
    private readonly limitMs: number,
  ) {}

  /** Whether keys of different slots must not go in one command. */
  get isCluster(): boolean {
    return this.connection.client.isCluster;
  }

  /** One round trip: whatever `send` sends goes out at once. @throws RepositoryException */
  async trip<T>(send: () => Promise<T>): Promise<T> {
    const timer = new AbortController();
    const late = sleep(this.limitMs, undefined, { signal: timer.signal, ref: false }).then(() => {
      this.connection.abandon();
      throw new RepositoryException(`Redis has not answered within ${this.limitMs} ms (queryTimeout)`);
    });
    try {
      return await Promise.race([send(), late]);
    } catch (error) {
      throw this.connection.failure(error);
    } finally {
      timer.abort();
      late.catch(() => undefined);
    }
  }

  /** One command, within a trip. */
  command(name: string, ...args: readonly Argument[]): Promise<unknown> {
    return this.connection.client.call(name, [...args]);
  }

  /** One script, within a trip; a server that has lost it, or never had it, is given it. */
  async script({ lua, sha }: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args];
    try {
      return await this.connection.client.call('evalsha', [sha, ...rest]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return this.connection.client.call('eval', [lua, ...rest]);
    }
  }

  /** What every master says about itself. */
  info(): Promise<readonly string[]> {
    return this.trip(() => this.connection.info());
  }
}
