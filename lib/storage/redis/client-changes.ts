import { RepositoryException } from '../../core/errors.js';
import type { Registration, ResumeRequest, TriggerRequest } from '../../core/task-repository.js';
import type { RowKey, TaskRow } from '../../core/task-row.js';
import { schedule } from '../../core/task-transitions.js';
import * as wishes from '../row-wishes.js';
import { type Wish, eachOf, removal } from '../row-wishes.js';
import type { Rows } from './rows.js';

/** What clients want of rows, whoever holds them. */
export class ClientChanges {
  constructor(
    private readonly rows: Rows,
    private readonly now: () => number,
  ) {}

  async register(registrations: readonly Registration[], transaction?: unknown): Promise<readonly TaskRow[]> {
    refuse(transaction);
    const now = this.now();
    const rows = await this.rows.change(registrations, (row, index) => {
      const registration = registrations[index];
      return registration === undefined ? row : schedule(row, registration, now);
    });
    return rows.filter((row) => row !== null);
  }

  async unregister(keys: readonly RowKey[], transaction?: unknown): Promise<readonly boolean[]> {
    refuse(transaction);
    const { decide, noted } = removal(keys);
    await this.rows.change(keys, decide);
    return noted;
  }

  pause(keys: readonly RowKey[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(keys, wishes.pause);
  }

  resume(requests: readonly ResumeRequest[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(requests, wishes.resume);
  }

  trigger(requests: readonly TriggerRequest[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(requests, wishes.trigger);
  }

  private change<Request extends RowKey>(
    requests: readonly Request[],
    wish: Wish<Request>,
  ): Promise<readonly (TaskRow | null)[]> {
    return this.rows.change(requests, eachOf(requests, this.now(), wish));
  }
}

function refuse(transaction: unknown): void {
  if (transaction !== undefined && transaction !== null)
    throw new RepositoryException(
      'The schedule lives in Redis, which cannot join a transaction of a database: leave `manager` out, or use typeOrmRepository()',
    );
}
