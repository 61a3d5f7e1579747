import { textOf } from '../decide.js';
import type { RowKey } from '../../core/task-row.js';
import type { Cell } from './cells.js';

/** Of how many leases at most a process remembers the rows. */
const MOST = 100_000;

/**
 * The rows this process holds leases on, as it wrote them last. Settlements and heartbeats are decided about from here, without
 * reading: the write finds out whether somebody else has written the row since.
 */
export class Leases {
  private readonly cells = new Map<string, Cell>();

  find(key: RowKey): Cell | undefined {
    return this.cells.get(textOf(key));
  }

  /** Of leases that are never settled, for their executions were given up, the oldest are forgotten. */
  remember(cell: Cell): void {
    this.cells.set(textOf(cell.key), cell);
    if (this.cells.size <= MOST) return;
    for (const oldest of this.cells.keys()) {
      this.cells.delete(oldest);
      return;
    }
  }

  forget(key: RowKey): void {
    this.cells.delete(textOf(key));
  }
}
