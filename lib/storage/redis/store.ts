import type { RepositorySession } from '../../core/task-repository.js';
import { Claims } from './claims.js';
import { Connection } from './connection.js';
import { Controls } from './controls.js';
import { Directory } from './directory.js';
import { ClientChanges } from './client-changes.js';
import { DueLook } from './due-look.js';
import { HeldNames } from './held-names.js';
import { History } from './history.js';
import { HistoryLosses } from './history-losses.js';
import { HistoryPages } from './history-pages.js';
import { tasksWithRows } from './known-tasks.js';
import { Keys } from './keys.js';
import { LeaseChanges } from './lease-changes.js';
import { Leases } from './leases.js';
import { Link } from './link.js';
import { Listing } from './listing.js';
import { MovedQueues } from './moved-queues.js';
import { refuseReplicas } from './replica-reads.js';
import type { RedisStoreOptions } from './repository-options.js';
import { Requeuing } from './requeuing.js';
import { RowWriter } from './row-writer.js';
import { Rows } from './rows.js';
import { ServerCheck } from './server-check.js';
import { Sweeping } from './sweeping.js';
import { Twins } from './twins.js';
import { Upcoming } from './upcoming.js';
import { WakeUps } from './wake-ups.js';

/** What a store needs of the repository it belongs to. */
export interface StoreOwner {
  now(): number;
  /** Another process has made something due. */
  onDueElsewhere(dueAt: number): void;
  /** Something that people should read. */
  warn(message: string): void;
}

/** A namespace of a server, open: how its rows are found, changed, claimed and listed. */
export class Store {
  readonly asked: ClientChanges;
  readonly leased: LeaseChanges;
  readonly history: History;
  readonly look: DueLook;
  readonly claims: Claims;
  readonly controls: Controls;
  readonly listing: Listing;
  readonly upcoming: Upcoming;
  readonly tasks: () => Promise<readonly string[]>;
  readonly requeuing: Requeuing;
  readonly wakeUps: WakeUps;

  private constructor(
    private readonly connection: Connection,
    private readonly link: Link,
    private readonly keys: Keys,
    owner: StoreOwner,
  ) {
    const directory = new Directory(link, keys);
    const losses = new HistoryLosses((message) => owner.warn(message));
    const writer = new RowWriter(link, keys, losses);
    const moved = new MovedQueues(link, keys);
    const rows = new Rows(directory, writer, moved, new Twins(directory, writer), new Leases());
    this.look = new DueLook(link, keys, moved);
    const sweeping = new Sweeping(link);
    this.claims = new Claims(this.look, rows, sweeping);
    this.history = new History(link, directory, new HistoryPages(link, directory), losses);
    this.asked = new ClientChanges(rows, () => owner.now());
    this.leased = new LeaseChanges(rows, this.history, () => owner.now());
    this.controls = new Controls(link, keys);
    this.listing = new Listing(link, directory, this.controls, new HeldNames(link, directory, moved), () =>
      owner.now(),
    );
    this.upcoming = new Upcoming(link, directory, moved, this.controls, this.listing);
    this.tasks = () => tasksWithRows(link, directory);
    this.requeuing = new Requeuing(link, directory, moved, rows, sweeping, () => owner.now());
    this.wakeUps = new WakeUps(
      connection,
      link,
      keys,
      () => owner.now(),
      (dueAt) => owner.onDueElsewhere(dueAt),
    );
  }

  /** @throws RepositoryException when it cannot be used */
  static async open(
    options: RedisStoreOptions,
    session: RepositorySession,
    owner: StoreOwner,
  ): Promise<Store> {
    const connection = new Connection(options);
    const link = new Link(connection, options.queryTimeoutMs);
    const store = new Store(connection, link, new Keys(options.namespace), owner);
    try {
      await store.prepare(session, options.notify);
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.wakeUps.close();
    this.connection.close();
  }

  private async prepare(session: RepositorySession, isNotified: boolean): Promise<void> {
    refuseReplicas(this.connection.client);
    const check = new ServerCheck(this.link, this.keys);
    await check.open();
    if (isNotified) await this.wakeUps.listen();
    for (const warning of await check.warnings()) session.warn?.(warning);
  }
}
