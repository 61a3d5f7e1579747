import type { QueuePlacement } from '../../core/task-repository.js';
import type { Store } from './store.js';

/** How many rows change their queue in one transaction. */
const REQUEUE_SIZE = 500;

/** Moves the instances of a template to where they wait now: its partitions may have changed their number. */
export class Queues {
  constructor(private readonly store: Store) {}

  /** Answers how many rows were moved. */
  async place(task: string, placement: QueuePlacement): Promise<number> {
    let moved = 0;
    for (const queue of await this.foreign(task, placement.queues)) {
      for (let part = -1; part !== 0; moved += part) part = await this.placeSome(task, queue, placement);
    }
    return moved;
  }

  private async foreign(task: string, present: readonly string[]): Promise<readonly string[]> {
    const { database, lookups } = this.store;
    return database.connection.read(function* () {
      const queues: string[] = [];
      if (!present.includes(task)) queues.push(task);
      let queue = yield* lookups.queueAfter(task, `${task}#`);
      for (; queue !== null; queue = yield* lookups.queueAfter(task, queue))
        if (!present.includes(queue)) queues.push(queue);
      return queues;
    });
  }

  private async placeSome(task: string, queue: string, { queueOf }: QueuePlacement): Promise<number> {
    const { database, lookups, rows } = this.store;
    const keys = await database.connection.read(() => lookups.waitingIn(task, queue, REQUEUE_SIZE));
    await database.connection.write(() =>
      rows.change(keys, (row) => row && { ...row, queue: queueOf(row.instance) }),
    );
    return keys.length;
  }
}
