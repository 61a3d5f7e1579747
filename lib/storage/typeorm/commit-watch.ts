import type { DataSource, EntityManager, EntitySubscriberInterface, QueryRunner } from 'typeorm';

/**
 * Tells when the application's transactions have been committed. TypeORM says so for savepoints too, so it is asked whether any
 * transaction of that query runner is still active.
 */
export class CommitWatch {
  private readonly waiting = new WeakMap<QueryRunner, (() => void)[]>();
  private readonly subscriber: EntitySubscriberInterface = {
    afterTransactionCommit: ({ queryRunner }) => this.ended(queryRunner, true),
    afterTransactionRollback: ({ queryRunner }) => this.ended(queryRunner, false),
  };

  constructor(private readonly dataSource: DataSource) {
    this.dataSource.subscribers.push(this.subscriber);
  }

  after({ queryRunner }: EntityManager, callback: () => void): void {
    if (queryRunner === undefined) return callback();
    const callbacks = this.waiting.get(queryRunner);
    if (callbacks === undefined) this.waiting.set(queryRunner, [callback]);
    else callbacks.push(callback);
  }

  stop(): void {
    const { subscribers } = this.dataSource;
    const index = subscribers.indexOf(this.subscriber);
    if (index >= 0) subscribers.splice(index, 1);
  }

  private ended(queryRunner: QueryRunner, isCommitted: boolean): void {
    if (queryRunner.isTransactionActive) return;
    const callbacks = this.waiting.get(queryRunner) ?? [];
    this.waiting.delete(queryRunner);
    if (isCommitted) for (const callback of callbacks) callback();
  }
}
