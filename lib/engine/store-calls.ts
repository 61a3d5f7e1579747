import type { TaskRepository } from '../core/task-repository.js';
import type { RowKey } from '../core/task-row.js';
import { instanceNameOf } from '../core/task-spec.js';
import type { EngineContext } from './engine-context.js';
import type { PyncetteEvent } from './scheduler-events.js';

/** How what applications ask for gets to the store, within their own transactions too, and what is said of it afterwards. */
export class StoreCalls {
  constructor(private readonly engine: EngineContext) {}

  /** @throws RepositoryException */
  call<T>(operation: string, use: (repository: TaskRepository) => Promise<T>): Promise<T> {
    return this.engine.watch.call(operation, use);
  }

  /** Within a transaction of the caller's, if there is one. @throws RepositoryException */
  within<T>(
    transaction: unknown,
    operation: string,
    use: (repository: TaskRepository) => Promise<T>,
  ): Promise<T> {
    const { watch } = this.engine;
    return isNone(transaction) ? watch.call(operation, use) : watch.callWithin(operation, use);
  }

  /** Nothing of a caller's transaction is seen or woken before it is committed. */
  whenCommitted(transaction: unknown, callback: () => void): void {
    const { repository } = this.engine.watch;
    if (isNone(transaction) || repository.afterCommit === undefined) callback();
    else repository.afterCommit(transaction, callback);
  }

  emit(event: PyncetteEvent): void {
    this.engine.events.emit(event);
  }

  /** What every event says about its instance. */
  about(key: RowKey): { readonly at: number; readonly task: string; readonly instanceName: string | null } {
    const at = this.engine.watch.repository.now();
    return { at, task: key.task, instanceName: instanceNameOf(key) };
  }
}

const isNone = (transaction: unknown): boolean => transaction === undefined || transaction === null;
