import { Redis } from 'ioredis';
import { RepositoryException } from '../../core/errors.js';
import type { RedisClient, RedisStoreOptions } from './repository-options.js';

/** The longest pause before a lost connection, or a server that is loading, is tried again. */
const LONGEST_PAUSE_MS = 1_000;

/** The way to the server: a client of the application, or one that is opened and closed here. */
export class Connection {
  readonly client: RedisClient;
  private readonly isOwn: boolean;
  /** Why it could not connect, as long as it cannot. */
  private trouble: string | null = null;

  constructor({ source, queryTimeoutMs }: RedisStoreOptions) {
    this.isOwn = typeof source === 'string';
    this.client = typeof source === 'string' ? connect(source, queryTimeoutMs) : source;
    if (this.isOwn) this.listenTo(this.client);
  }

  /**
   * One more connection to the same server, to subscribe on. It does not subscribe again by itself: a client of one server would reject
   * where nobody catches it, and forget its channels, if it lost the connection again before it was answered.
   */
  duplicate(): RedisClient {
    const { client } = this;
    const other = 'nodes' in client ? client.duplicate() : client.duplicate({ autoResubscribe: false });
    other.on('error', () => undefined);
    return other;
  }

  /** One that does not answer is thrown away, if it is ours: whatever it still says concerns nobody. */
  abandon(): void {
    if (this.isOwn) this.client.disconnect(true);
  }

  close(): void {
    if (this.isOwn) this.client.disconnect();
  }

  /** What went wrong, without what a client adds to its errors: commands with their arguments, which may be secrets. */
  failure(error: unknown): RepositoryException {
    if (error instanceof RepositoryException) return error;
    const reason = error instanceof Error ? error.message : String(error);
    const isUnconnected = this.isOwn && error instanceof Error && error.name === 'MaxRetriesPerRequestError';
    const told = isUnconnected ? (this.trouble ?? 'the connection was lost') : reason;
    return new RepositoryException(`Redis failed: ${told}`);
  }

  async info(): Promise<readonly string[]> {
    const { client } = this;
    const nodes = 'nodes' in client ? client.nodes('master') : [client];
    return (await Promise.all(nodes.map((node) => node.call('info')))).map(String);
  }

  private listenTo(client: RedisClient): void {
    client.on('error', (error: Error) => (this.trouble = error.message));
    client.on('ready', () => (this.trouble = null));
  }
}

/** Nothing is sent again behind our back: who asked learns that no answer came, and asks again itself. */
function connect(url: string, limitMs: number): Redis {
  return new Redis(url, {
    lazyConnect: true,
    connectionName: 'nestjs-pyncette',
    connectTimeout: limitMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(50 * times, LONGEST_PAUSE_MS),
    // The server only guesses how long it will go on.
    maxLoadingRetryTime: LONGEST_PAUSE_MS,
    // The server has become a replica, or one without its master: whoever is behind the address now is asked instead.
    reconnectOnError: ({ message }) => /READONLY|MASTERDOWN/.test(message),
  });
}
