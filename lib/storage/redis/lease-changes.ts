import type {
  RenewAnswer,
  RenewRequest,
  ReseatRequest,
  SettleAnswer,
  SettleRequest,
} from '../../core/task-repository.js';
import { settle } from '../../core/task-transitions.js';
import type { Decide } from '../decide.js';
import { eachOf, renew, renewAnswer, reseating } from '../row-wishes.js';
import type { History } from './history.js';
import type { Rows } from './rows.js';
import { SettledExecutions } from './settled-executions.js';

/** What becomes of rows in the hands of whoever holds leases on them. */
export class LeaseChanges {
  constructor(
    private readonly rows: Rows,
    private readonly history: History,
    private readonly now: () => number,
  ) {}

  async settle(requests: readonly SettleRequest[]): Promise<readonly SettleAnswer[]> {
    const now = this.now();
    const answers: SettleAnswer[] = requests.map(() => 'gone');
    const executions = new SettledExecutions(requests);
    const decide: Decide = (row, index) => {
      const request = requests[index];
      if (request === undefined) return row;
      const settled = settle(row, request, request.settlement, now);
      answers[index] = settled.answer;
      return settled.row;
    };
    await this.rows.changeLeased(requests, decide, executions);
    await this.history.recordIfPossible(executions.left);
    return answers;
  }

  async renew(requests: readonly RenewRequest[]): Promise<readonly RenewAnswer[]> {
    const renewed = await this.rows.changeLeased(requests, eachOf(requests, this.now(), renew));
    return renewed.map((row, index) => renewAnswer(row, requests[index]));
  }

  async reseat(requests: readonly ReseatRequest[]): Promise<readonly boolean[]> {
    const { decide, noted } = reseating(requests, this.now());
    await this.rows.changeLeased(requests, decide);
    return noted;
  }
}
