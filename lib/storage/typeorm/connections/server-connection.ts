import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import { within } from '../../../core/clock.js';
import { isRecord } from '../../../core/read-option.js';
import { RepositoryException } from '../../../core/errors.js';
import type { Dialect } from '../dialects/dialect.js';
import type { Work } from '../statement.js';
import type { SqlConnection } from './sql-connection.js';
import { PreparedStatements } from './prepared-statements.js';
import { driveOn } from './type-orm-statements.js';

/** How often work is tried that a deadlock or a lock wait has ended. */
const ATTEMPTS = 8;

/** Connections of the scheduler's own to a database server. */
export class ServerConnection implements SqlConnection {
  /** null: the driver has none. */
  private readonly prepared: PreparedStatements | null;
  /** Connections on which `session` has been said. */
  private readonly ready = new WeakSet<object>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly dialect: Dialect,
    private readonly limitMs: number,
  ) {
    this.prepared = dialect.isPrepared ? new PreparedStatements(dialect) : null;
  }

  read<T>(work: () => Work<T>): Promise<T> {
    return this.attempt((runner) => this.drive(work(), runner));
  }

  write<T>(work: () => Work<T>): Promise<T> {
    const { begin } = this.dialect;
    return this.attempt((runner) =>
      begin === null ? this.inTransaction(runner, work) : this.inOwnTransaction(runner, work, begin),
    );
  }

  private async inTransaction<T>(runner: QueryRunner, work: () => Work<T>): Promise<T> {
    await runner.startTransaction('READ COMMITTED');
    const result = await this.drive(work(), runner);
    await runner.commitTransaction();
    return result;
  }

  private drive<T>(work: Work<T>, runner: QueryRunner): Promise<T> {
    return this.prepared?.drive(work, runner) ?? driveOn(work, runner, this.dialect);
  }

  /** One round trip less than TypeORM needs, or two. */
  private async inOwnTransaction<T>(runner: QueryRunner, work: () => Work<T>, begin: string): Promise<T> {
    await this.prepareSession(runner);
    await runner.query(begin);
    try {
      const result = await this.drive(work(), runner);
      await runner.query('COMMIT');
      return result;
    } catch (error) {
      // Where this fails too the connection is gone, and the transaction with it.
      if (!runner.isReleased) await runner.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  private async prepareSession(runner: QueryRunner): Promise<void> {
    const { session } = this.dialect;
    if (session === undefined) return;
    const connection: unknown = await runner.connect();
    if (!isRecord(connection) || this.ready.has(connection)) return;
    await runner.query(session);
    this.ready.add(connection);
  }

  private async attempt<T>(use: (runner: QueryRunner) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.withRunner(use);
      } catch (error) {
        if (this.prepared?.isRefusal(error) === true) continue;
        if (attempt >= ATTEMPTS || !this.dialect.isTransient(error)) throw error;
        await sleep(Math.random() * 10 * 2 ** Math.min(attempt, 5));
      }
    }
  }

  private async withRunner<T>(use: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner('master');
    const work = this.use(runner, use);
    try {
      return await within(this.limitMs, work, () => this.tooLate());
    } catch (error) {
      if (error instanceof RepositoryException) await this.abandon(runner, work);
      throw error;
    }
  }

  private tooLate(): RepositoryException {
    return new RepositoryException(
      `${this.dialect.name} has not answered within ${this.limitMs} ms (queryTimeout)`,
    );
  }

  private async use<T>(runner: QueryRunner, use: (runner: QueryRunner) => Promise<T>): Promise<T> {
    try {
      return await use(runner);
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      if (!runner.isReleased) await runner.release();
    }
  }

  /** A connection that does not answer is thrown away: whatever it still says concerns nobody. */
  private async abandon(runner: QueryRunner, work: Promise<unknown>): Promise<void> {
    work.catch(() => undefined);
    const connection: unknown = Reflect.get(runner, 'databaseConnection');
    if (!isRecord(connection)) return;
    const stream = connection['connection'];
    const socket: unknown = isRecord(stream) ? stream['stream'] : connection['stream'];
    if (isRecord(socket) && typeof socket['destroy'] === 'function')
      Reflect.apply(socket['destroy'], socket, []);
    else if (typeof connection['destroy'] === 'function')
      Reflect.apply(connection['destroy'], connection, []);
  }
}
