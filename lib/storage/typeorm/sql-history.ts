import { RepositoryException } from '../../core/errors.js';
import type { ExecutionEntry, ExecutionHistory, ExecutionsRequest } from '../../core/execution-history.js';
import type { RepositorySession } from '../../core/task-repository.js';
import { historyCreationOf } from './history-schema.js';
import { createAll } from './schema.js';
import type { PrunedUntil } from './history-statements.js';
import type { Work } from './statement.js';
import type { Store } from './store.js';

/** The history in a table beside the scheduler's own, which is there once somebody keeps one. */
export class SqlHistory implements ExecutionHistory {
  private warn: RepositorySession['warn'];
  private isLosing = false;
  private prunedUntil: PrunedUntil | null = null;

  constructor(private readonly opened: () => Store) {}

  /** Creates the table where that is wanted. @throws RepositoryException when it cannot be used */
  async prepare(store: Store, session: RepositorySession, createTables: boolean): Promise<void> {
    if (session.keepsHistory !== true) return;
    this.warn = session.warn?.bind(session);
    const { database, history, table } = store;
    const { connection, dialect } = database;
    const error = await connection
      .read(() => history.look())
      .then(
        () => null,
        (failure: unknown) => failure,
      );
    if (error === null) return;
    if (!dialect.isMissingTable(error)) throw error;
    if (!createTables) throw missing(history.table, error);
    await connection.write(() => createAll(dialect, historyCreationOf(dialect, table)));
    await connection.read(() => history.look());
  }

  async record(entries: readonly ExecutionEntry[]): Promise<void> {
    const { database, history } = this.opened();
    if (entries.length > 0) await database.connection.write(() => history.write(entries));
  }

  async list(request: ExecutionsRequest): Promise<readonly ExecutionEntry[]> {
    const { database, history } = this.opened();
    return database.connection.read(() => history.list(request));
  }

  async prune(endedBefore: number, limit: number): Promise<number> {
    const { database, history } = this.opened();
    const since = this.prunedUntil;
    // Whatever fails: the next step begins anew.
    this.prunedUntil = null;
    const { deleted, until } = await database.connection.write(() =>
      history.prune(endedBefore, limit, since),
    );
    this.prunedUntil = until;
    // From a place that was left long ago on there may be nothing, though there is something before it.
    return deleted === 0 && since !== null ? this.prune(endedBefore, limit) : deleted;
  }

  /**
   * Settlements and what the history remembers of their executions, in one transaction. Where the history cannot be written, the
   * settlements are made again without it: it may be lost, they may not.
   */
  async along<T>(entries: readonly ExecutionEntry[], settle: () => Work<T>): Promise<T> {
    const { database } = this.opened();
    if (entries.length === 0) return database.connection.write(settle);
    const attempt = { isAtFault: false };
    try {
      const result = await database.connection.write(() => this.both(entries, settle, attempt));
      if (!attempt.isAtFault) this.kept();
      return result;
    } catch (error) {
      if (!attempt.isAtFault) throw error;
      this.lost(error);
      return database.connection.write(settle);
    }
  }

  private *both<T>(
    entries: readonly ExecutionEntry[],
    settle: () => Work<T>,
    attempt: { isAtFault: boolean },
  ): Work<T> {
    const { database, history } = this.opened();
    attempt.isAtFault = false;
    const result = yield* settle();
    attempt.isAtFault = true;
    try {
      yield* history.write(entries);
      attempt.isAtFault = false;
    } catch (error) {
      // Without transactions the settlements are made already.
      if (database.dialect.lock !== null) throw error;
      this.lost(error);
    }
    return result;
  }

  /** It was written. */
  kept(): void {
    this.isLosing = false;
  }

  /** Said once, until it works again. */
  lost(error: unknown): void {
    if (!this.isLosing)
      this.warn?.(
        `The history of executions cannot be written to ${this.opened().history.table}: ${error instanceof Error ? error.message : String(error)}. Executions are settled without it`,
      );
    this.isLosing = true;
  }
}

const missing = (table: string, cause: unknown): RepositoryException =>
  new RepositoryException(
    `The table ${table} is not there, and createTables is false: run the migration CreatePyncetteHistory, or the statements of pyncetteSql()`,
    { cause, isPermanent: true },
  );
