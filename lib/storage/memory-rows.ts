import { claimableAt } from '../core/task-transitions.js';
import { type RowKey, STATIC_INSTANCE, type TaskRow } from '../core/task-row.js';
import { DueHeap, type HeapEntry } from './due-heap.js';

/** A row and its place in the queue it waits in. */
export interface StoredRow extends HeapEntry {
  row: TaskRow;
}

/** The rows of one task. */
interface TaskRows {
  readonly byInstance: Map<string, StoredRow>;
  /** The names in order; null after one came. One that went is skipped. */
  sortedNames: string[] | null;
}

/** Rows by key, by name within their task, and by when they can be claimed within their queue. */
export class MemoryRows {
  private readonly tasks = new Map<string, TaskRows>();
  private readonly queues = new Map<string, DueHeap<StoredRow>>();

  find(key: RowKey): StoredRow | undefined {
    return this.tasks.get(key.task)?.byInstance.get(key.instance);
  }

  get(key: RowKey): TaskRow | null {
    return this.find(key)?.row ?? null;
  }

  /** What `change` makes of a row is stored; null deletes it. Answers the new row. */
  update(key: RowKey, change: (row: TaskRow | null) => TaskRow | null): TaskRow | null {
    const stored = this.find(key);
    const before = stored?.row ?? null;
    const row = change(before);
    if (row === before) return row;
    if (row === null) this.delete(stored);
    else if (stored === undefined) this.insert(row);
    else this.replace(stored, row);
    return row;
  }

  /** The row of a queue that can be claimed first. */
  first(queue: string, isStatic: boolean): StoredRow | undefined {
    return this.queues.get(queueKey(queue, isStatic))?.first;
  }

  /** The rows of a queue, the ones that can be claimed first before the others. */
  inOrder(queue: string, isStatic: boolean): Iterable<StoredRow> {
    return this.queues.get(queueKey(queue, isStatic))?.inOrder() ?? [];
  }

  /** The rows of a task in the order of their names, from after a name on, those whose names begin with `prefix`. */
  *walk(task: string, after: string | null, prefix = ''): Generator<TaskRow> {
    const rows = this.tasks.get(task);
    if (rows === undefined) return;
    const names = (rows.sortedNames ??= [...rows.byInstance.keys()].sort());
    const isAfter = (name: string): boolean => (after === null || name > after) && name >= prefix;
    for (let index = firstOf(names, isAfter); index < names.length; index++) {
      const name = names[index] ?? '';
      if (!name.startsWith(prefix)) return;
      const stored = rows.byInstance.get(name);
      if (stored !== undefined) yield stored.row;
    }
  }

  private insert(row: TaskRow): void {
    let rows = this.tasks.get(row.task);
    if (rows === undefined) this.tasks.set(row.task, (rows = { byInstance: new Map(), sortedNames: null }));
    const stored: StoredRow = { row, place: -1, wakeAt: wakeAt(row) };
    rows.byInstance.set(row.instance, stored);
    rows.sortedNames = null;
    this.queueOf(row).put(stored);
  }

  private replace(stored: StoredRow, row: TaskRow): void {
    if (stored.row.queue !== row.queue) this.queueOf(stored.row).remove(stored);
    stored.row = row;
    stored.wakeAt = wakeAt(row);
    this.queueOf(row).put(stored);
  }

  private delete(stored: StoredRow | undefined): void {
    if (stored === undefined) return;
    const rows = this.tasks.get(stored.row.task);
    rows?.byInstance.delete(stored.row.instance);
    if (rows?.byInstance.size === 0) rows.sortedNames = null;
    this.queueOf(stored.row).remove(stored);
  }

  private queueOf(row: TaskRow): DueHeap<StoredRow> {
    const key = queueKey(row.queue, row.instance === STATIC_INSTANCE);
    let heap = this.queues.get(key);
    if (heap === undefined) this.queues.set(key, (heap = new DueHeap()));
    return heap;
  }
}

/** A static task's row and a template's instances never share a queue, even if a name once meant the other. */
const queueKey = (queue: string, isStatic: boolean): string =>
  isStatic ? `static ${queue}` : `template ${queue}`;

const wakeAt = (row: TaskRow): number => claimableAt(row) ?? Number.POSITIVE_INFINITY;

/** Where in an ordered list the first name stands that fits, when all that follow it fit too. */
function firstOf(names: readonly string[], isFit: (name: string) => boolean): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isFit(names[middle] ?? '')) high = middle;
    else low = middle + 1;
  }
  return low;
}
