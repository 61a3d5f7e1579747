import type { DataSource, EntityManager, EntitySubscriberInterface, QueryRunner } from 'typeorm';

/** What waits for a commit, and in how many transactions and savepoints it stands. */
interface Waiting {
  readonly callback: () => void;
  depth: number;
}

/**
 * Tells when the application's transactions have been committed. TypeORM says so for savepoints too, so it is asked whether any
 * transaction of that query runner is still active; what was done within a savepoint that is rolled back is forgotten with it.
 */
export class CommitWatch {
  private readonly waiting = new WeakMap<QueryRunner, Waiting[]>();
  private readonly subscriber: EntitySubscriberInterface = {
    afterTransactionCommit: ({ queryRunner }) => this.ended(queryRunner, true),
    afterTransactionRollback: ({ queryRunner }) => this.ended(queryRunner, false),
  };

  constructor(private readonly dataSource: DataSource) {
    this.dataSource.subscribers.push(this.subscriber);
  }

  after({ queryRunner }: EntityManager, callback: () => void): void {
    if (queryRunner === undefined || !queryRunner.isTransactionActive) return callback();
    const waiting = { callback, depth: depthOf(queryRunner) };
    const others = this.waiting.get(queryRunner);
    if (others === undefined) this.waiting.set(queryRunner, [waiting]);
    else others.push(waiting);
  }

  stop(): void {
    const { subscribers } = this.dataSource;
    const index = subscribers.indexOf(this.subscriber);
    if (index >= 0) subscribers.splice(index, 1);
  }

  private ended(queryRunner: QueryRunner, isCommitted: boolean): void {
    const waiting = this.waiting.get(queryRunner);
    if (waiting === undefined) return;
    if (queryRunner.isTransactionActive) {
      const depth = depthOf(queryRunner);
      const left = isCommitted ? waiting : waiting.filter((one) => one.depth <= depth);
      for (const one of left) one.depth = Math.min(one.depth, depth);
      this.waiting.set(queryRunner, left);
      return;
    }
    this.waiting.delete(queryRunner);
    if (isCommitted) for (const { callback } of waiting) callback();
  }
}

/** TypeORM keeps it to itself. */
function depthOf(queryRunner: QueryRunner): number {
  const depth: unknown = Reflect.get(queryRunner, 'transactionDepth');
  return typeof depth === 'number' ? depth : 1;
}
