import type { RowState } from '../core/row-state.js';
import type { TaskRepository } from '../core/task-repository.js';
import { claimableAt } from '../core/task-transitions.js';
import type { RowGroup } from '../storage/typeorm/inspection/table-inspection.js';
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

/** Counts what a store holds by task; in SQL at one go, elsewhere row by row. */
export async function takeCensus(
  store: Store,
  terminal: Terminal,
  overdueBefore: number,
): Promise<readonly TaskCount[]> {
  const { inspection, repository } = store;
  const counts =
    inspection === null
      ? await walked(repository, new ProgressBar(terminal.notes, 'Counting', null), overdueBefore)
      : counted(await inspection.groups(repository.now(), overdueBefore), await inspection.pausedTemplates());
  return [...counts].sort((a, b) => (a.task < b.task ? -1 : 1));
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

async function walked(
  repository: TaskRepository,
  progress: ProgressBar,
  overdueBefore: number,
): Promise<readonly TaskCount[]> {
  const counts: TaskCount[] = [];
  let done = 0;
  for (const task of (await repository.tasks?.()) ?? []) {
    const isStatic = (await kindOf(repository, task)) === 'static';
    const count = newCount(task, isStatic, !isStatic && (await repository.isTemplatePaused(task)));
    counts.push(count);
    const rows = isStatic
      ? [await repository.list({ task, isStatic, limit: 1, after: null, state: null })]
      : pagesOf(repository, { task, state: null, prefix: null });
    for await (const page of rows) {
      for (const { row, state } of page) {
        const at = state === 'paused' || state === 'parked' ? null : claimableAt(row);
        add(count, state, 1, at !== null && at < overdueBefore ? 1 : 0, at);
      }
      progress.show((done += page.length));
    }
  }
  progress.clear();
  return counts;
}
