import { RepositoryException } from '../../core/errors.js';
import type { Registration, ResumeRequest, TriggerRequest } from '../../core/task-repository.js';
import type { RowKey, TaskRow } from '../../core/task-row.js';
import * as transitions from '../../core/task-transitions.js';
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
      return registration === undefined ? row : transitions.schedule(row, registration, now);
    });
    return rows.filter((row) => row !== null);
  }

  async unregister(keys: readonly RowKey[], transaction?: unknown): Promise<readonly boolean[]> {
    refuse(transaction);
    const existed = keys.map(() => false);
    await this.rows.change(keys, (row, index) => {
      existed[index] = row !== null;
      return null;
    });
    return existed;
  }

  pause(keys: readonly RowKey[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(keys, (row) => transitions.pause(row));
  }

  resume(requests: readonly ResumeRequest[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(requests, (row, { from, place, evenIfFree }, now) => {
      const held = evenIfFree === true && row.hold === null ? transitions.pause(row) : row;
      return transitions.resume(held, from, from === 'now' ? place(row, now) : null, now);
    });
  }

  trigger(requests: readonly TriggerRequest[]): Promise<readonly (TaskRow | null)[]> {
    return this.change(requests, (row, { args, origin }, now) => transitions.trigger(row, args, now, origin));
  }

  private change<Request extends RowKey>(
    requests: readonly Request[],
    decide: (row: TaskRow, request: Request, now: number) => TaskRow,
  ): Promise<readonly (TaskRow | null)[]> {
    const now = this.now();
    return this.rows.change(requests, (row, index) => {
      const request = requests[index];
      return row && request ? decide(row, request, now) : row;
    });
  }
}

function refuse(transaction: unknown): void {
  if (transaction !== undefined && transaction !== null)
    throw new RepositoryException(
      'The schedule lives in Redis, which cannot join a transaction of a database: leave `manager` out, or use typeOrmRepository()',
    );
}
