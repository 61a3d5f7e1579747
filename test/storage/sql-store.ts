import { DataSource } from 'typeorm';
import type { RowKey, TaskRow } from '../../lib/core/task-row.js';
import { ServerConnection } from '../../lib/storage/typeorm/connections/server-connection.js';
import type { SqlConnection } from '../../lib/storage/typeorm/connections/sql-connection.js';
import { SqliteConnection } from '../../lib/storage/typeorm/connections/sqlite-connection.js';
import type { TaskTable } from '../../lib/storage/typeorm/dialects/dialect.js';
import { mysql } from '../../lib/storage/typeorm/dialects/mysql.js';
import { postgres } from '../../lib/storage/typeorm/dialects/postgres.js';
import { sqlite } from '../../lib/storage/typeorm/dialects/sqlite.js';
import { LockingRows } from '../../lib/storage/typeorm/locking-rows.js';
import { create, tableOf } from '../../lib/storage/typeorm/schema.js';
import { CONTROL, TaskStatements } from '../../lib/storage/typeorm/task-statements.js';
import { createDatabase } from '../databases/databases.js';

/** The databases in which what is due is leased without being named first. */
export const DUE_DATABASES = ['sqlite', 'postgres', 'mariadb'] as const;
export type DueDatabase = (typeof DUE_DATABASES)[number];

/** Those in which what is over is settled without being read first, each row for itself. */
export const QUICK_DATABASES = ['sqlite', 'postgres'] as const;
export type QuickDatabase = (typeof QUICK_DATABASES)[number];

/** An empty table, for statements that are tried by themselves. */
export class SqlStore {
  readonly rows: LockingRows;

  private constructor(
    readonly connection: SqlConnection,
    readonly table: TaskTable,
    private readonly statements: TaskStatements,
    readonly close: () => Promise<void>,
  ) {
    this.rows = new LockingRows(statements);
  }

  static async open(name: DueDatabase): Promise<SqlStore> {
    const database = await createDatabase(name);
    const dataSource = await new DataSource(database.options).initialize();
    const dialect = { sqlite, postgres, mariadb: mysql }[name];
    const Connection = { sqlite: SqliteConnection, postgres: ServerConnection, mariadb: ServerConnection }[
      name
    ];
    const connection = new Connection(dataSource, dialect, 10_000);
    const table = tableOf(dialect, 'pyncette_tasks', null);
    await connection.write(() => create(dialect, table));
    return new SqlStore(connection, table, new TaskStatements(dialect, table), async () => {
      await dataSource.destroy();
      await database.drop();
    });
  }

  save(rows: readonly TaskRow[]): Promise<void> {
    return this.connection.write(() => this.statements.save(rows));
  }

  async delete(rows: readonly TaskRow[]): Promise<void> {
    await this.connection.write(() => this.statements.delete(rows));
  }

  /** The row of each key as it is stored; null: there is none. */
  async find(keys: readonly RowKey[]): Promise<readonly (TaskRow | null)[]> {
    const found = await this.connection.read(() => this.statements.find(keys));
    const byKey = new Map(found.map((row) => [`${row.task} ${row.instance}`, row]));
    return keys.map(({ task, instance }) => byKey.get(`${task} ${instance}`) ?? null);
  }

  pauseTemplate(task: string): Promise<void> {
    return this.save([
      rowWith({ task: CONTROL, instance: task, queue: CONTROL, hold: 'paused', dueAt: null }),
    ]);
  }
}

/** A row that waits, except for what is said. */
export const rowWith = (given: Partial<TaskRow>): TaskRow => ({
  task: 'task',
  instance: 'bill',
  queue: given.task ?? 'task',
  schedule: '{"v":1,"every":1000}',
  args: '{"n":1}',
  jitterMs: 7,
  scheduledAt: 500,
  dueAt: 507,
  lockedUntil: null,
  leaseToken: null,
  lockedBy: null,
  attempt: 0,
  executionId: null,
  hold: null,
  queued: null,
  current: null,
  lastError: null,
  origin: null,
  ...given,
});

const TRIGGERS = [null, { at: 300, args: '{"n":2}' }] as const;

/**
 * Rows of all shapes around the moment `now`: waiting, triggered, begun, failed, held, leased by somebody who lives or has died;
 * more of them than can come about.
 */
export function shapes(now: number, given: Partial<TaskRow> = {}): readonly TaskRow[] {
  const moments = [
    ...[null, now - 2_000, now, now + 1].map((lockedUntil) => ({ lockedUntil, dueAt: now - 1_000 })),
    ...[null, now - 2_000, now + 3_000].map((lockedUntil) => ({ lockedUntil, dueAt: now })),
    ...[null, now + 50, now + 3_000].map((lockedUntil) => ({ lockedUntil, dueAt: now + 100 })),
    ...[null, now + 3_000].map((lockedUntil) => ({ lockedUntil, dueAt: null })),
  ];
  const rows = moments.flatMap((moment) =>
    [0, 1, 4].flatMap((attempt) =>
      TRIGGERS.flatMap((queued) =>
        TRIGGERS.flatMap((current) =>
          (moment.dueAt === null ? (['paused', 'parked'] as const) : [null]).map((hold) => ({
            ...moment,
            attempt,
            queued,
            current,
            hold,
          })),
        ),
      ),
    ),
  );
  return rows.map((row, index) =>
    rowWith({
      ...row,
      instance: `i${index}`,
      // A lock without a token is what a failure leaves behind.
      ...(row.lockedUntil !== null && index % 3 > 0 && { leaseToken: `old-${index}`, lockedBy: 'somebody' }),
      executionId: row.attempt === 0 ? null : `begun-${index}`,
      lastError: row.attempt > 1 ? { name: 'Error', message: 'no', at: 100 } : null,
      scheduledAt: index % 5 === 0 ? null : 500 + index,
      origin: index % 2 === 0 ? '00-aa-bb-01' : null,
      ...given,
    }),
  );
}
