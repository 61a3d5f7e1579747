import type { DataSource } from 'typeorm';
import { withPlaceholders } from '../../lib/storage/typeorm/connections/type-orm-statements.js';
import type { Dialect, TaskTable } from '../../lib/storage/typeorm/dialects/dialect.js';
import { mysql } from '../../lib/storage/typeorm/dialects/mysql.js';
import { postgres } from '../../lib/storage/typeorm/dialects/postgres.js';
import { sqlite } from '../../lib/storage/typeorm/dialects/sqlite.js';
import { tableOf } from '../../lib/storage/typeorm/schema.js';
import type { Statement, Work } from '../../lib/storage/typeorm/statement.js';
import { MysqlDueRows } from '../../lib/storage/typeorm/due-rows-mysql.js';
import { PostgresDueRows } from '../../lib/storage/typeorm/due-rows-postgres.js';
import { SqliteDueRows } from '../../lib/storage/typeorm/due-rows-sqlite.js';
import { PostgresQuickSettlements } from '../../lib/storage/typeorm/quick-settlements-postgres.js';
import { SqliteQuickSettlements } from '../../lib/storage/typeorm/quick-settlements-sqlite.js';
import { ListingStatements } from '../../lib/storage/typeorm/listing-statements.js';
import { ProbeStatements } from '../../lib/storage/typeorm/probe-statements.js';
import { TaskStatements } from '../../lib/storage/typeorm/task-statements.js';
import type { DatabaseName } from '../databases/databases.js';

const DIALECTS: Record<DatabaseName, Dialect> = { postgres, mariadb: mysql, sqlite };

/** How the planner means to run the first statement of some work; and whether it means to read a table from end to end. */
export class Plans {
  private readonly table: TaskTable;
  private readonly dialect: Dialect;

  constructor(
    private readonly dataSource: DataSource,
    private readonly name: DatabaseName,
  ) {
    this.dialect = DIALECTS[name];
    this.table = tableOf(this.dialect, 'pyncette_tasks', null);
  }

  /** Fills the table with rows that are due in a year, and with some that have been due for a while. */
  async fill(count: number, dueCount = 0): Promise<void> {
    await this.insert('i', count, Date.now() + 365 * 86_400_000);
    if (dueCount > 0) await this.insert('due', dueCount, Date.now() - 3_600_000);
    await this.dataSource.query(this.name === 'mariadb' ? 'ANALYZE TABLE pyncette_tasks' : 'ANALYZE');
  }

  private async insert(prefix: string, count: number, from: number): Promise<void> {
    const values = `'task', {name}, 'task', {due}, {due}, 0, 0, '{"v":1,"every":1000}', '{}', 0`;
    const columns =
      'task, instance, queue, due_at, scheduled_at, attempt, jitter_ms, schedule, args, version';
    const row = (name: string, due: string): string =>
      values.replace('{name}', name).replaceAll('{due}', due);
    const sql = {
      postgres: `INSERT INTO pyncette_tasks (${columns}) SELECT ${row(`'${prefix}' || n`, `${from} + n`)} FROM generate_series(1, ${count}) n`,
      mariadb: `INSERT INTO pyncette_tasks (${columns}) SELECT ${row(`CONCAT('${prefix}', seq)`, `${from} + seq`)} FROM seq_1_to_${count}`,
      sqlite: `INSERT INTO pyncette_tasks (${columns}) WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${count}) SELECT ${row(`'${prefix}' || n`, `${from} + n`)} FROM c`,
    };
    await this.dataSource.query(sql[this.name]);
  }

  /** The statement that every poll sends. */
  poll(): Statement {
    const task = { task: 'task', isStatic: false, queues: ['task'], leaseMs: 1_000, limit: 100 };
    const probes = new ProbeStatements(this.dialect, this.table);
    return first(probes.probe([task], 100, this.dialect.time === null ? Date.now() : null));
  }

  /** The statement by which rows are found for a claim, a settlement or a heartbeat. */
  lock(count: number): Statement {
    const keys = Array.from({ length: count }, (_, index) => ({ task: 'task', instance: `i${index}` }));
    return first(new TaskStatements(this.dialect, this.table).lock(keys));
  }

  /** What is asked for pages of parked instances, how many there are, and what is due next. */
  listings(): readonly Statement[] {
    const listings = new ListingStatements(this.dialect, this.table);
    const parked = { task: 'task', isStatic: false, state: 'parked', queues: ['task'] } as const;
    const tasks = [{ task: 'task', isStatic: false, queues: ['task'] }];
    return [
      listings.list({ ...parked, limit: 100, after: null }, false, 0),
      listings.list({ ...parked, state: null, namePrefix: 'i7', limit: 100, after: null }, false, 0),
      listings.count(parked, false, 0),
      listings.upcoming({ tasks, limit: 100 }, 0),
    ].map(first);
  }

  /** What a claim sends that leases so many rows without naming them. */
  leases(share: number): readonly Statement[] {
    const due = { postgres: PostgresDueRows, sqlite: SqliteDueRows, mariadb: MysqlDueRows }[this.name];
    const task = { task: 'task', isStatic: false, queues: ['task'], leaseMs: 1_000, limit: share };
    const asked = [{ task, queue: 'task', share }];
    return all(new due(this.table).lease(asked, { owner: 'me', batch: 'batch' }, Date.now()));
  }

  /** What is sent when so many executions are over, some of them for ever; nothing where the database has no such statements. */
  settlements(count: number): readonly Statement[] {
    const settlements = {
      postgres: PostgresQuickSettlements,
      sqlite: SqliteQuickSettlements,
      mariadb: null,
    }[this.name];
    if (settlements === null) return [];
    const quick = new settlements(this.table, 'pyncette_tasks_executions');
    const settlement = { kind: 'done', next: 1, jitterMs: 0, error: null } as const;
    const requests = Array.from({ length: count }, (_, index) => ({
      task: 'task',
      instance: `due${index}`,
      leaseToken: `token-${index}`,
      attempt: 1,
      settlement,
    }));
    return [true, false]
      .flatMap((mayWait) => [quick.advance(requests, mayWait), quick.finish(requests, mayWait)])
      .flatMap((work) => all(work).slice(0, 1));
  }

  async run({ sql, parameters }: Statement): Promise<void> {
    await this.dataSource.query(withPlaceholders(sql, this.dialect), [...parameters]);
  }

  /** Whether some table would be read from end to end. */
  async readsAll(statement: Statement): Promise<boolean> {
    const plan = await this.explain(statement);
    return this.name === 'mariadb'
      ? hasFullScan(plan)
      : /Seq Scan on|SCAN (t|c|pyncette_tasks)\b/.test(JSON.stringify(plan));
  }

  /** Whether rows would be put in order, instead of being found in it. */
  async sorts(statement: Statement): Promise<boolean> {
    return /Sort|TEMP B-TREE|filesort/.test(JSON.stringify(await this.explain(statement)));
  }

  private async explain({ sql, parameters, each }: Statement): Promise<unknown> {
    const explain = this.name === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
    const values = each?.[0] ?? parameters;
    return this.dataSource.query(`${explain} ${withPlaceholders(sql, this.dialect)}`, [...values]);
  }
}

/** MariaDB's `type: ALL` on the table itself; parts of a UNION are read whole by nature. */
const hasFullScan = (plan: unknown): boolean =>
  (plan as { table: string | null; type: string | null }[]).some(
    ({ table, type }) => (type === 'ALL' || type === 'index') && /^(t|c|pyncette_tasks)$/.test(table ?? ''),
  );

function first(work: Work<unknown>): Statement {
  const { value, done } = work.next();
  if (done === true) throw new Error('There is no statement');
  return value;
}

/** All statements of some work that finds nothing. */
function all(work: Work<unknown>): Statement[] {
  const statements: Statement[] = [];
  for (let step = work.next(); step.done !== true; step = work.next({ records: [], values: [], affected: 0 }))
    statements.push(step.value);
  return statements;
}
