import type { EntityManager } from 'typeorm';
import { RepositoryException } from '../../core/errors.js';
import type {
  ExecutionTransaction,
  LeaseProof,
  SettleAnswer,
  SettleRequest,
} from '../../core/task-repository.js';
import { settle } from '../../core/task-transitions.js';
import { driveOn } from './connections/type-orm-statements.js';
import type { Work } from './statement.js';
import type { Store } from './store.js';

/** Executions inside a transaction of the application's DataSource: what they write and their settlement are one. */
export class Executions {
  constructor(
    private readonly store: Store,
    private readonly now: () => number,
  ) {}

  run<T>(work: (transaction: ExecutionTransaction) => Promise<T>): Promise<T> {
    const { database, statements } = this.store;
    return database.transaction(
      () => statements.touch(),
      async (manager) => {
        const savepoints = new Savepoints(manager);
        try {
          return await work({
            manager,
            holdsStore: database.isSingleConnection,
            holds: (proof) => this.drive(manager, this.holds(proof)),
            savepoint: (inner) => savepoints.within(inner),
            settle: (request) => this.drive(manager, this.settle(request)),
          });
        } finally {
          await savepoints.ended();
        }
      },
    );
  }

  /** The row is not locked: a long execution keeps nobody from changing its schedule. That the lease is ours is asked again at the end. */
  private *holds({ task, instance, leaseToken, attempt }: LeaseProof): Work<boolean> {
    const [row] = yield* this.store.statements.find([{ task, instance }]);
    return row?.leaseToken === leaseToken && row.attempt === attempt;
  }

  private *settle(request: SettleRequest): Work<SettleAnswer> {
    let answer: SettleAnswer = 'gone';
    yield* this.store.rows.change([request], (row) => {
      const settled = settle(row, request, request.settlement, this.now());
      answer = settled.answer;
      return settled.row;
    });
    return answer;
  }

  private drive<T>({ queryRunner }: EntityManager, work: Work<T>): Promise<T> {
    if (queryRunner === undefined) throw new RepositoryException('The transaction has no query runner');
    return driveOn(work, queryRunner, this.store.database.dialect);
  }
}

/**
 * The savepoints of one transaction. It must not end before they have: TypeORM would take its rollback for that of a savepoint, and give
 * the connection back with the transaction open. They outlive the execution where an interceptor gives up waiting for the handler.
 */
class Savepoints {
  private readonly open = new Set<Promise<unknown>>();

  constructor(private readonly manager: EntityManager) {}

  within<T>(work: () => Promise<T>): Promise<T> {
    const done = this.manager.transaction(work);
    const end = (): boolean => this.open.delete(done);
    this.open.add(done);
    done.then(end, end);
    return done;
  }

  async ended(): Promise<void> {
    while (this.open.size > 0) await Promise.allSettled(this.open);
  }
}
