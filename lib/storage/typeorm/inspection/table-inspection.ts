import type { DataSource } from 'typeorm';
import { SystemClock, stopwatch } from '../../../core/clock.js';
import type { Hold } from '../../../core/task-row.js';
import { driveOn } from '../connections/type-orm-statements.js';
import type { Dialect, TaskTable } from '../dialects/dialect.js';
import { readVersion } from '../schema.js';
import type { Work } from '../statement.js';
import { CensusStatements } from './census-statements.js';
import { type TableCondition, conditionOf } from './table-condition.js';

/** How many rows of a task are in one condition. */
export interface RowGroup {
  readonly task: string;
  /** Whether it is the one row of a static task. */
  readonly isStatic: boolean;
  /** Held, under a live lease, or neither; that a template is paused as a whole is not in its rows. */
  readonly condition: Hold | 'running' | 'scheduled';
  readonly rows: number;
  /** How many could have been claimed before a moment that was given. */
  readonly overdue: number;
  /** The first moment at which one of them can be claimed, or could have been. */
  readonly claimableAt: number | null;
}

/** Leases of one process that have ended, and nobody has taken their rows since. */
export interface EndedLeases {
  readonly owner: string | null;
  readonly rows: number;
  readonly endedAt: number;
}

/** What the database says its time is. */
export interface TimeReading {
  readonly roundTripMs: number;
  /** How much later it is there than on this machine; null: the database has no clock of its own. */
  readonly aheadMs: number | null;
}

/** The table seen from outside, by those who look after it: read only, and no part of the scheduler's work. */
export class TableInspection {
  private readonly census: CensusStatements;

  constructor(
    private readonly dataSource: DataSource,
    private readonly dialect: Dialect,
    readonly table: TaskTable,
  ) {
    this.census = new CensusStatements(dialect, table);
  }

  /** The version of the table, 0 where it does not say; null: there is no table. */
  async version(): Promise<number | null> {
    try {
      return (await this.run(readVersion(this.table))) ?? 0;
    } catch (error) {
      if (this.dialect.isMissingTable(error)) return null;
      throw error;
    }
  }

  /** Asks for the time, and measures how long that takes. */
  async time(): Promise<TimeReading> {
    const askedAt = new SystemClock().now();
    const begunAt = stopwatch();
    const at = await this.run(this.census.time());
    const roundTripMs = stopwatch() - begunAt;
    return { roundTripMs, aheadMs: at === null ? null : at - (askedAt + roundTripMs / 2) };
  }

  /** All rows by task and condition, in one pass over the table. `overdueBefore` divides what is late from what is merely due. */
  groups(now: number, overdueBefore: number): Promise<readonly RowGroup[]> {
    return this.run(this.census.groups(now, overdueBefore));
  }

  /** The templates that are paused as a whole. */
  pausedTemplates(): Promise<readonly string[]> {
    return this.run(this.census.pausedTemplates());
  }

  endedLeases(before: number): Promise<readonly EndedLeases[]> {
    return this.run(this.census.endedLeases(before));
  }

  /** What the database tells of the table: its index, and how it is kept. */
  condition(): Promise<TableCondition> {
    return this.run(conditionOf(this.dialect, this.table));
  }

  private async run<T>(work: Work<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return await driveOn(work, runner, this.dialect);
    } finally {
      await runner.release();
    }
  }
}
