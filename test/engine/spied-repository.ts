import { RepositoryException } from '../../lib/core/errors.js';
import type { TaskRepository } from '../../lib/core/task-repository.js';
import { memoryRepository } from '../../lib/storage/memory.repository.js';

type Operation = Exclude<keyof TaskRepository, 'features' | 'now'>;

/** A repository in memory that writes down its calls, and fails or behaves otherwise where a test says so. */
export class SpiedRepository {
  /** What was called and when, the calls that failed too. */
  readonly calls: { readonly operation: string; readonly at: number }[] = [];
  /** The operations that fail; `'all'` of them when the store is down. */
  failing: 'all' | readonly Operation[] = [];
  /** Claims and settlements go through these; replaced by tests. */
  claim: TaskRepository['claimDue'];
  settle: TaskRepository['settle'];
  readonly repository: TaskRepository;

  constructor(readonly store: TaskRepository = memoryRepository()) {
    this.claim = (request) => store.claimDue(request);
    this.settle = (requests) => store.settle(requests);
    this.repository = new Proxy(store, { get: (_target, name) => this.member(name) });
  }

  count(operation: Operation): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  private member(name: string | symbol): unknown {
    const member: unknown = Reflect.get(this.store, name);
    if (typeof member !== 'function') return member;
    if (name === 'now') return () => this.store.now();
    return async (...args: unknown[]): Promise<unknown> => {
      this.calls.push({ operation: String(name), at: this.store.now() });
      if (this.failing === 'all' || this.failing.some((operation) => operation === name))
        throw new RepositoryException('the database is down');
      if (name === 'claimDue') return this.claim(...(args as Parameters<TaskRepository['claimDue']>));
      if (name === 'settle') return this.settle(...(args as Parameters<TaskRepository['settle']>));
      return Reflect.apply(member, this.store, args);
    };
  }
}
