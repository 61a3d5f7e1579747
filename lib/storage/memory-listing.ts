import type { RowFilter, UpcomingRequest } from '../core/row-requests.js';
import { stateOf } from '../core/row-state.js';
import type { ListRequest, ListedRow } from '../core/task-repository.js';
import { type TaskRow, STATIC_INSTANCE } from '../core/task-row.js';
import type { MemoryRows } from './memory-rows.js';

/** What can be asked about rows: their states, pages of them, how many, and which become due next. */
export class MemoryListing {
  constructor(
    private readonly rows: MemoryRows,
    private readonly pausedTemplates: ReadonlySet<string>,
    private readonly now: () => number,
  ) {}

  listed(row: TaskRow, now = this.now()): ListedRow {
    const isPaused = row.instance !== STATIC_INSTANCE && this.pausedTemplates.has(row.task);
    return { row, state: stateOf(row, now, isPaused) };
  }

  list(request: ListRequest): readonly ListedRow[] {
    const found: ListedRow[] = [];
    for (const listed of this.fitting(request, request.after)) {
      found.push(listed);
      if (found.length >= request.limit) break;
    }
    return found;
  }

  count(filter: RowFilter): number {
    let count = 0;
    for (const _ of this.fitting(filter, null)) count++;
    return count;
  }

  upcoming({ tasks, limit }: UpcomingRequest): readonly ListedRow[] {
    const found = tasks
      .filter(({ task, isStatic }) => isStatic || !this.pausedTemplates.has(task))
      .flatMap(({ isStatic, queues }) => queues.flatMap((queue) => this.firstOf(queue, isStatic, limit)));
    return found
      .sort((one, other) => one.wakeAt - other.wakeAt)
      .slice(0, limit)
      .map(({ row }) => this.listed(row));
  }

  private firstOf(queue: string, isStatic: boolean, limit: number) {
    const now = this.now();
    const found: { readonly row: TaskRow; readonly wakeAt: number }[] = [];
    for (const { row, wakeAt } of this.rows.inOrder(queue, isStatic)) {
      if (found.length >= limit || wakeAt === Number.POSITIVE_INFINITY) break;
      if (this.listed(row, now).state === 'scheduled') found.push({ row, wakeAt });
    }
    return found;
  }

  private *fitting(filter: RowFilter, after: string | null): Generator<ListedRow> {
    const now = this.now();
    for (const row of this.rows.walk(filter.task, after, filter.namePrefix)) {
      const listed = this.listed(row, now);
      const isWanted = filter.state === null || listed.state === filter.state;
      if (isWanted && (row.instance === STATIC_INSTANCE) === filter.isStatic) yield listed;
    }
  }
}
