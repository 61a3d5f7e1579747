import type { RowState } from '../core/row-state.js';
import type { ListedRow, TaskRepository } from '../core/task-repository.js';
import { claimableAt } from '../core/task-transitions.js';
import type { EndedLeases, RowGroup } from '../storage/typeorm/inspection/table-inspection.js';
import { ProgressBar } from './progress-bar.js';
import { kindOf, pagesOf } from './rows.js';
import type { Store } from './store.js';
import type { Terminal } from './terminal.js';

/** What a store holds of one task. */
export interface TaskCount {
  readonly task: string;
  readonly isStatic: boolean;
  readonly isTemplatePaused: boolean;
  readonly states: Record<RowState, number>;
  /** How many could have been claimed before the moment that was given. */
  overdue: number;
  /** The first moment at which one of those that are not held can be claimed, or could have been. */
  nextAt: number | null;
}

export const rowsOf = ({ states }: TaskCount): number =>
  states.scheduled + states.running + states.paused + states.parked;

/** What a store holds. */
export interface Census {
  /** By the names of the tasks. */
  readonly counts: readonly TaskCount[];
  /** Leases that had ended before the moment that was given. */
  readonly endedLeases: readonly EndedLeases[];
}

/** Counts what a store holds; in SQL at one go, elsewhere row by row. */
export async function takeCensus(store: Store, terminal: Terminal, before: number): Promise<Census> {
  const { inspection, repository } = store;
  if (inspection === null) {
    const walk = new CensusWalk(repository, new ProgressBar(terminal.notes, 'Counting', null), before);
    return walk.take();
  }
  const groups = await inspection.groups(repository.now(), before);
  const counts = counted(groups, await inspection.pausedTemplates());
  return { counts: inOrder(counts), endedLeases: await inspection.endedLeases(before) };
}

function newCount(task: string, isStatic: boolean, isTemplatePaused: boolean): TaskCount {
  const states = { scheduled: 0, running: 0, paused: 0, parked: 0 };
  return { task, isStatic, isTemplatePaused, states, overdue: 0, nextAt: null };
}

function counted(groups: readonly RowGroup[], paused: readonly string[]): readonly TaskCount[] {
  const counts = new Map(paused.map((task) => [task, newCount(task, false, true)]));
  for (const { task, isStatic, condition, rows, overdue, claimableAt: at } of groups) {
    const known = counts.get(task) ?? newCount(task, isStatic, false);
    counts.set(task, known);
    const isHeld = condition === 'parked' || condition === 'paused' || (known.isTemplatePaused && !isStatic);
    add(
      known,
      isHeld && condition !== 'parked' ? 'paused' : condition,
      rows,
      isHeld ? 0 : overdue,
      isHeld ? null : at,
    );
  }
  return [...counts.values()];
}

function add(count: TaskCount, state: RowState, rows: number, overdue: number, at: number | null): void {
  count.states[state] += rows;
  count.overdue += overdue;
  if (at !== null) count.nextAt = Math.min(count.nextAt ?? at, at);
}

/** Counts row by row. */
class CensusWalk {
  private readonly counts: TaskCount[] = [];
  private readonly leases = new Map<string | null, EndedLeases>();
  private done = 0;

  constructor(
    private readonly repository: TaskRepository,
    private readonly progress: ProgressBar,
    private readonly before: number,
  ) {}

  async take(): Promise<Census> {
    for (const task of (await this.repository.tasks?.()) ?? []) await this.countTask(task);
    this.progress.clear();
    return { counts: inOrder(this.counts), endedLeases: [...this.leases.values()] };
  }

  private async countTask(task: string): Promise<void> {
    const isStatic = (await kindOf(this.repository, task)) === 'static';
    const isPaused = !isStatic && (await this.repository.isTemplatePaused(task));
    const count = newCount(task, isStatic, isPaused);
    this.counts.push(count);
    const pages = isStatic
      ? [await this.repository.list({ task, isStatic, limit: 1, after: null, state: null })]
      : pagesOf(this.repository, { task, state: null, prefix: null });
    for await (const page of pages) {
      for (const listed of page) this.countRow(count, listed);
      this.progress.show((this.done += page.length));
    }
  }

  private countRow(count: TaskCount, { row, state }: ListedRow): void {
    const at = state === 'paused' || state === 'parked' ? null : claimableAt(row);
    add(count, state, 1, at !== null && at < this.before ? 1 : 0, at);
    const { leaseToken, lockedBy: owner, lockedUntil: endedAt } = row;
    if (leaseToken === null || endedAt === null || endedAt >= this.before) return;
    const known = this.leases.get(owner) ?? { owner, rows: 0, endedAt };
    this.leases.set(owner, { owner, rows: known.rows + 1, endedAt: Math.min(known.endedAt, endedAt) });
  }
}

const inOrder = (counts: readonly TaskCount[]): readonly TaskCount[] =>
  [...counts].sort((a, b) => (a.task < b.task ? -1 : 1));
