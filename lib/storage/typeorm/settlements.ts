import type { SettleAnswer, SettleRequest } from '../../core/task-repository.js';
import { stopwatch } from '../../core/clock.js';
import type { ExecutionEntry } from '../../core/execution-history.js';
import { settle } from '../../core/task-transitions.js';
import type { SqlConnection } from './connections/sql-connection.js';
import { type Advance, type QuickSettlements, isAdvance } from './quick-settlements.js';
import { compareKeys } from '../decide.js';
import { codeOf } from './dialects/dialect.js';
import type { RowStore } from './row-store.js';
import type { Work } from './statement.js';

/** A request and its place among all. */
interface Placed<Request> {
  readonly request: Request;
  readonly place: number;
}

/** A statement that settles some requests. */
type QuickWork<Request> = (requests: readonly Request[], mayWait: boolean) => Work<readonly boolean[]>;

/** What settlements need of the history. */
export interface HistoryWriter {
  /** Runs work in a transaction and writes down executions in the same. */
  along<T>(entries: readonly ExecutionEntry[], work: () => Work<T>): Promise<T>;
  /** What came with a settlement was written. */
  kept(): void;
  /** Something of it could not be written. */
  lost(error: unknown): void;
}

/** From how many rows on it is worth waiting for some of them: below, to lock them first costs nothing that is felt. */
const MANY = 50;
/** A statement that took longer was perhaps waiting for somebody who waited for it. */
const LONG_MS = 250;
/** How long nobody is waited for then. */
const IMPATIENT_MS = 60_000;

/**
 * Settles executions: those that are simply over, of rows that nobody has touched meanwhile, by statements that read nothing; whatever is
 * left, row by row as `settle` in task-transitions says.
 */
export class Settlements {
  /** Until when (by the stopwatch) no statement waits for rows that others have locked. */
  private impatientUntil = 0;

  constructor(
    private readonly connection: SqlConnection,
    private readonly rows: RowStore,
    /** null: the database has no such statements. */
    private readonly quick: QuickSettlements | null,
  ) {}

  /** `now` is asked when the work begins, each time it does. `history` writes down the executions that come with the requests. */
  async settle(
    requests: readonly SettleRequest[],
    now: () => number,
    history: HistoryWriter,
  ): Promise<readonly SettleAnswer[]> {
    const { quick } = this;
    if (quick === null || quick.needsTransaction)
      return history.along(executionsOf(requests), () => this.work(requests, now()));
    const answers = new Answers(requests);
    const { advances, ends } = answers;
    // Each a statement that stands alone: tried again after a deadlock, none of them must be repeated with another.
    await this.alone(answers, advances, history, (some, mayWait) => quick.advance(some, mayWait));
    await this.alone(answers, ends, history, (some, mayWait) => quick.finish(some, mayWait));
    // What is open is found out once: a transaction that is tried again must not take for done what its first try had answered.
    const { open } = answers;
    if (open.length > 0)
      await history.along(executionsOf(open.map(requestOf)), () => this.oneByOne(answers, open, now()));
    return answers.list;
  }

  /** Where it is the history that cannot be written, its part is left out. */
  private async alone<Request extends SettleRequest>(
    answers: Answers,
    placed: readonly Placed<Request>[],
    history: HistoryWriter,
    work: QuickWork<Request>,
  ): Promise<void> {
    if (placed.length === 0) return;
    const requests = placed.map(requestOf);
    try {
      answers.settled(placed, await this.oneStatement(requests, work));
      if (requests.some(isRemembered)) history.kept();
    } catch (error) {
      if (!requests.some(isRemembered) || !isRefused(error)) throw error;
      answers.settled(placed, await this.oneStatement(requests.map(forgotten), work));
      history.lost(error);
    }
  }

  /** Only many rows are worth waiting for, and only while nobody holds them for long. */
  private async oneStatement<Request>(
    requests: readonly Request[],
    work: QuickWork<Request>,
  ): Promise<readonly boolean[]> {
    const beganAt = stopwatch();
    const mayWait = requests.length >= MANY && beganAt >= this.impatientUntil;
    let tries = 0;
    try {
      return await this.connection.read(() => work(requests, mayWait && tries++ === 0));
    } finally {
      if (mayWait && stopwatch() - beganAt > LONG_MS) this.impatientUntil = stopwatch() + IMPATIENT_MS;
    }
  }

  /** The same within one transaction, which whoever runs it opens. */
  *work(requests: readonly SettleRequest[], now: number): Work<readonly SettleAnswer[]> {
    const answers = new Answers(requests);
    const { advances, ends } = answers;
    if (this.quick !== null) {
      if (advances.length > 0)
        answers.settled(advances, yield* this.quick.advance(advances.map(requestOf), false));
      if (ends.length > 0) answers.settled(ends, yield* this.quick.finish(ends.map(requestOf), false));
    }
    return yield* this.oneByOne(answers, answers.open, now);
  }

  private *oneByOne(
    answers: Answers,
    open: readonly Placed<SettleRequest>[],
    now: number,
  ): Work<readonly SettleAnswer[]> {
    yield* this.rows.change(open.map(requestOf), (row, index) => {
      const one = open[index];
      if (one === undefined) return row;
      const settled = settle(row, one.request, one.request.settlement, now);
      answers.answer(one.place, settled.answer);
      return settled.row;
    });
    return answers.list;
  }
}

/** What has been answered, and what has not. */
class Answers {
  readonly advances: readonly Placed<Advance>[];
  readonly ends: readonly Placed<SettleRequest>[];
  private readonly all: readonly Placed<SettleRequest>[];
  private readonly answers: (SettleAnswer | null)[];

  constructor(requests: readonly SettleRequest[]) {
    this.answers = requests.map(() => null);
    this.all = inOrder(requests);
    this.advances = this.all.filter(isPlacedAdvance);
    this.ends = this.all.filter(
      ({ request: { settlement } }) => settlement.kind === 'done' && settlement.next === null,
    );
  }

  get list(): readonly SettleAnswer[] {
    return this.answers.map((answer) => answer ?? 'gone');
  }

  /** What is left to be settled. */
  get open(): readonly Placed<SettleRequest>[] {
    return this.all.filter(({ place }) => this.answers[place] === null);
  }

  answer(place: number, answer: SettleAnswer): void {
    this.answers[place] = answer;
  }

  settled(placed: readonly Placed<unknown>[], done: readonly boolean[]): void {
    placed.forEach(({ place }, index) => {
      if (done[index] === true) this.answers[place] = 'settled';
    });
  }
}

const isPlacedAdvance = (placed: Placed<SettleRequest>): placed is Placed<Advance> =>
  isAdvance(placed.request);

const isRemembered = ({ execution }: SettleRequest): boolean => execution !== undefined;

const executionsOf = (requests: readonly SettleRequest[]): readonly ExecutionEntry[] =>
  requests.flatMap(({ execution }) => execution ?? []);

const forgotten = <Request extends SettleRequest>(request: Request): Request => ({
  ...request,
  execution: undefined,
});

/** PostgreSQL has refused a statement, so that nothing of it is stored: an SQLSTATE that speaks neither of connections nor of a shutdown. */
const isRefused = (error: unknown): boolean => /^(?!08|57)(?=.*\d)[0-9A-Z]{5}$/.test(codeOf(error));

const requestOf = <Request>({ request }: Placed<Request>): Request => request;

/** In the one order in which everybody takes locks. */
const inOrder = (requests: readonly SettleRequest[]): readonly Placed<SettleRequest>[] =>
  requests.map((request, place) => ({ request, place })).sort((a, b) => compareKeys(a.request, b.request));
