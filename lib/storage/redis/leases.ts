import type { RowKey } from '../../core/task-row.js';
import type { Cell } from './cells.js';

/** Of how many leases on one task at most a process remembers the rows. */
const MOST = 100_000;

/**
 * The rows this process holds leases on, as it wrote them last. Settlements and heartbeats are decided about from here, without
 * reading: the write finds out whether somebody else has written the row since.
 */
export class Leases {
  /** By task, then by instance; within a task in the order of their last writes. */
  private readonly tasks = new Map<string, Map<string, Cell>>();

  find({ task, instance }: RowKey): Cell | undefined {
    return this.tasks.get(task)?.get(instance);
  }

  /** Of leases that are never settled, for their executions were given up, the oldest are forgotten. */
  remember(cell: Cell): void {
    const { task, instance } = cell.key;
    let cells = this.tasks.get(task);
    if (cells === undefined) this.tasks.set(task, (cells = new Map()));
    cells.set(instance, cell);
    if (cells.size <= MOST) return;
    for (const oldest of cells.keys()) return void cells.delete(oldest);
  }

  forget({ task, instance }: RowKey): void {
    this.tasks.get(task)?.delete(instance);
  }
}
