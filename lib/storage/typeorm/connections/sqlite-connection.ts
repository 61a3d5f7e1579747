import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { stopwatch } from '../../../core/clock.js';
import { RepositoryException } from '../../../core/errors.js';
import { isRecord } from '../../../core/read-option.js';
import type { Dialect } from '../dialects/dialect.js';
import { type Work, driveNow } from '../statement.js';
import type { SqlConnection } from './sql-connection.js';
import { type SqliteHandle, SqliteStatements } from './sqlite-statements.js';

/**
 * SQLite has one connection for a DataSource, and its open transaction belongs to whoever began it. Each piece of work is one
 * synchronous transaction on that connection: nobody gets between its statements, and it never gets into somebody's transaction.
 * While there is one, or another process writes, it waits and looks again; the event loop never does.
 */
export class SqliteConnection implements SqlConnection {
  private readonly handle: SqliteHandle;
  private readonly statements: SqliteStatements;
  private exclusive: Promise<unknown> = Promise.resolve();
  private isExclusive = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly dialect: Dialect,
    private readonly limitMs: number,
  ) {
    this.handle = handleOf(dataSource);
    this.statements = new SqliteStatements(this.handle);
  }

  read<T>(work: () => Work<T>): Promise<T> {
    return this.whenPossible(() => this.unhurried(() => this.now(work())));
  }

  write<T>(work: () => Work<T>, limitMs?: number): Promise<T> {
    return this.whenPossible(() => {
      if (this.handle.inTransaction) throw new ForeignTransaction();
      return this.unhurried(() => this.transaction(work));
    }, limitMs);
  }

  /**
   * A transaction of the application's that takes the file's write lock at once, so that nothing it needs can be changed by others
   * while it lasts. One after another.
   */
  exclusively<T>(touch: () => Work<void>, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const done = this.exclusive.then(() => this.inExclusive(touch, work));
    this.exclusive = done.catch(() => undefined);
    return done;
  }

  private async inExclusive<T>(
    touch: () => Work<void>,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    while (!(await this.beganExclusive(runner, touch))) await moment();
    try {
      const result = await work(runner.manager);
      await runner.commitTransaction();
      return result;
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      throw error;
    } finally {
      this.isExclusive = false;
    }
  }

  /**
   * TypeORM begins transactions that take no lock before their first write. One that is refused the lock then would go on seeing the
   * file as it was, and be refused for ever (SQLITE_BUSY_SNAPSHOT): it is ended, and another begun.
   */
  private async beganExclusive(runner: QueryRunner, touch: () => Work<void>): Promise<boolean> {
    const begun = await this.whenPossible(() => {
      if (this.handle.inTransaction || runner.isTransactionActive) throw new ForeignTransaction();
      this.isExclusive = true;
      return { transaction: runner.startTransaction() };
    });
    try {
      await begun.transaction;
      this.unhurried(() => this.now(touch()));
      return true;
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      this.isExclusive = false;
      if (this.dialect.isTransient(error)) return false;
      throw error;
    }
  }

  private transaction<T>(work: () => Work<T>): T {
    this.statements.run({ sql: 'BEGIN IMMEDIATE', parameters: [] });
    try {
      const result = this.now(work());
      this.statements.run({ sql: 'COMMIT', parameters: [] });
      return result;
    } catch (error) {
      if (this.handle.inTransaction) this.statements.run({ sql: 'ROLLBACK', parameters: [] });
      throw error;
    }
  }

  private now<T>(work: Work<T>): T {
    return driveNow(work, (statement) => this.statements.run(statement));
  }

  /** The driver would wait for another process's write with the event loop standing still: we wait without it. */
  private unhurried<T>(work: () => T): T {
    const timeout = this.handle.pragma('busy_timeout', { simple: true });
    this.handle.pragma('busy_timeout = 0', { simple: true });
    try {
      return work();
    } finally {
      this.handle.pragma(`busy_timeout = ${Number(timeout)}`, { simple: true });
    }
  }

  /** Without a limit given, time spent behind a transactional execution of our own does not count. */
  private async whenPossible<T>(work: () => T, limitMs?: number): Promise<T> {
    const patienceMs = limitMs ?? this.limitMs;
    let giveUpAt = stopwatch() + patienceMs;
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof ForeignTransaction) && !this.dialect.isTransient(error)) throw error;
        if (limitMs === undefined && this.isExclusive) giveUpAt = stopwatch() + patienceMs;
        if (stopwatch() >= giveUpAt) throw tooLong(error, patienceMs, limitMs !== undefined);
      }
      await moment();
    }
  }
}

/** Long enough for somebody else to finish, and not the same for everybody. */
const moment = (): Promise<void> => sleep(2 + Math.random() * 8);

/** The application has a transaction open on the connection. */
class ForeignTransaction extends Error {}

/** `isOfCaller`: a call of the application waits for its own transaction, which says nothing about the store. */
function tooLong(error: unknown, limitMs: number, isOfCaller: boolean): RepositoryException {
  return error instanceof ForeignTransaction
    ? new RepositoryException(
        `A transaction of the application has been open on its SQLite connection for ${limitMs} ms, and SQLite has one connection for a DataSource: pass \`manager\` so that the call joins that transaction, or end it first`,
        { isOfCaller },
      )
    : new RepositoryException(`Another process has been writing to the SQLite file for ${limitMs} ms`, {
        cause: error,
      });
}

function handleOf(dataSource: DataSource): SqliteHandle {
  const handle: unknown = Reflect.get(dataSource.driver, 'databaseConnection');
  if (isRecord(handle) && typeof handle['prepare'] === 'function' && typeof handle['pragma'] === 'function')
    return handle as unknown as SqliteHandle;
  throw new RepositoryException('The DataSource has no connection to an SQLite file: is it initialized?');
}
