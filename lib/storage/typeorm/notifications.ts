import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { RepositoryException } from '../../core/errors.js';
import { isRecord } from '../../core/read-option.js';
import type { RepositorySession } from '../../core/task-repository.js';
import { Announcer } from '../announcer.js';
import type { SqlConnection } from './connections/sql-connection.js';
import type { Database } from './database.js';
import type { TaskTable } from './dialects/dialect.js';
import { type SqlRepositoryOptions, listeningOptions } from './repository-options.js';
import { query } from './statement.js';

/** How long after a lost connection another one is tried. */
const RECONNECT_MS = 1_000;

/** A connection that listens; `over` resolves when it is closed, whoever closed it. */
interface Listening {
  readonly over: Promise<void>;
}

/** What notifications need of the database. */
export interface NotifyingDatabase {
  readonly connection: SqlConnection;
  /** With which a connection of its own is opened: LISTEN belongs to a session. */
  readonly options: DataSourceOptions;
  readonly table: TaskTable;
  now(): number;
}

/**
 * Wakes other processes by PostgreSQL's LISTEN and NOTIFY: few messages, each a statement of its own, for at the commit of whatever notifies
 * PostgreSQL takes a lock of the whole database. A connection that is lost is opened again, and then something may have been missed; meanwhile polls find what there is.
 */
export class Notifications {
  private readonly sender = randomBytes(6).toString('base64url');
  private readonly channel: string;
  private readonly announcer: Announcer;
  private readonly stopping = new AbortController();
  private readonly listeners = new Set<RepositorySession>();
  private listening: Promise<void> = Promise.resolve();

  constructor(private readonly database: NotifyingDatabase) {
    const { connection, table } = database;
    this.channel = `pyncette_${createHash('sha256').update(table.sql).digest('hex').slice(0, 16)}`;
    this.announcer = new Announcer(
      (dueAt) =>
        connection.read(() => query('SELECT pg_notify(?, ?)', [this.channel, `${this.sender} ${dueAt}`])),
      () => database.now(),
    );
  }

  /** Resolves when the first connection listens. @throws whatever keeps it from being opened */
  async start(): Promise<void> {
    const listening = await this.connect();
    this.listening = this.stayConnected(listening);
  }

  /** An application is told what others announce, until it needs the repository no more. */
  subscribe(session: RepositorySession): void {
    this.listeners.add(session);
  }

  unsubscribe(session: RepositorySession): void {
    this.listeners.delete(session);
  }

  announce(dueAt: number): void {
    this.announcer.announce(dueAt);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.listening;
  }

  private async stayConnected(first: Listening): Promise<void> {
    const { signal } = this.stopping;
    let listening: Listening | null = first;
    while (!signal.aborted) {
      await listening?.over;
      await sleep(RECONNECT_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) break;
      listening = await this.connect().catch(() => null);
      // What was said meanwhile is lost: something may be due.
      if (listening !== null) this.tell(this.database.now());
    }
    await listening?.over;
  }

  private async connect(): Promise<Listening> {
    const source = await new DataSource(this.database.options).initialize();
    const runner = source.createQueryRunner();
    const close = async (): Promise<void> => {
      await runner.release().catch(() => undefined);
      await source.destroy().catch(() => undefined);
    };
    try {
      const client: unknown = await runner.connect();
      if (!(client instanceof EventEmitter)) throw new TypeError('The driver tells of no notifications');
      client.on('notification', (message) => this.hear(message));
      await runner.query(`LISTEN "${this.channel}"`);
      return { over: this.untilLost(client).then(close) };
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** Or until it is not wanted any more. */
  private untilLost(client: EventEmitter): Promise<void> {
    const { signal } = this.stopping;
    return new Promise((resolve) => {
      for (const event of ['error', 'end']) client.on(event, () => resolve());
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  private hear(message: unknown): void {
    const payload = isRecord(message) ? String(message['payload']) : '';
    const [sender, moment] = payload.split(' ');
    const dueAt = Number(moment);
    if (sender === this.sender || !Number.isFinite(dueAt)) return;
    this.tell(dueAt);
  }

  private tell(dueAt: number): void {
    for (const { onDueElsewhere } of this.listeners) onDueElsewhere?.(dueAt);
  }
}

/** @throws RepositoryException where the database has no notifications */
export async function startNotifications(
  { dataSource, dialect, connection }: Database,
  table: TaskTable,
  { queryTimeoutMs }: SqlRepositoryOptions,
  now: () => number,
): Promise<Notifications> {
  if (dialect.name !== 'PostgreSQL')
    throw new RepositoryException(
      `typeOrmRepository({ notify: true }) works on PostgreSQL only, not on ${dialect.name}: leave it out, and the next poll finds what others have scheduled`,
      { isPermanent: true },
    );
  const options = listeningOptions(dataSource.options, queryTimeoutMs);
  const notifications = new Notifications({ connection, options, table, now });
  await notifications.start();
  return notifications;
}
