import { type Decide, textOf } from '../decide.js';
import { RepositoryException } from '../../core/errors.js';
import type { RowKey, TaskRow } from '../../core/task-row.js';
import type { Cell, Place } from './cells.js';
import type { Directory } from './directory.js';
import type { Leases } from './leases.js';
import type { MovedQueues } from './moved-queues.js';
import type { RowWriter, Write, Written } from './row-writer.js';
import type { SettledExecutions } from './settled-executions.js';
import type { Twins } from './twins.js';

/** How often a row is decided about again because somebody else has written it meanwhile. */
const ATTEMPTS = 100;

/** One row to be changed: which of the requests are about it. */
interface Subject {
  readonly key: RowKey;
  readonly indexes: number[];
}

/** Rows that are read, decided about by `task-transitions`, and written only if nobody has written them since. */
export class Rows {
  constructor(
    private readonly directory: Directory,
    private readonly writer: RowWriter,
    private readonly moved: MovedQueues,
    private readonly twins: Twins,
    private readonly leases: Leases,
  ) {}

  /** Changes rows wherever they are; answers each as it is then. */
  change(keys: readonly RowKey[], decide: Decide): Promise<(TaskRow | null)[]> {
    return this.changeFrom((subjects) => this.directory.find(subjects.map(({ key }) => key)), keys, decide);
  }

  /** The same for rows that this process probably holds leases on: where it remembers them all, nothing is read. */
  changeLeased(
    keys: readonly RowKey[],
    decide: Decide,
    executions?: SettledExecutions,
  ): Promise<(TaskRow | null)[]> {
    const remembered = async (subjects: readonly Subject[]): Promise<Cell[]> => {
      const cells = subjects.map(({ key }) => this.leases.find(key));
      const unknown = subjects.flatMap(({ key }, index) => (cells[index] === undefined ? [key] : []));
      const found = unknown.length === 0 ? [] : await this.directory.find(unknown);
      return cells.flatMap((cell) => cell ?? found.shift() ?? []);
    };
    return this.changeFrom(remembered, keys, decide, executions);
  }

  /** Changes rows that were found in their homes, once: those that others write meanwhile are as if they were not there. */
  async take(places: readonly Place[], decide: Decide): Promise<(TaskRow | null)[]> {
    const cells = await this.directory.readAt(places);
    const rows = cells.map(({ row }, index) => decide(row, index));
    const changed = cells.flatMap((cell, index) => (rows[index] === cell.row ? [] : [index]));
    const writes = changed.flatMap((index): Write[] => {
      const cell = cells[index];
      return cell === undefined ? [] : [{ cell, row: rows[index] ?? null }];
    });
    const written = await this.writer.write(writes, true);
    changed.forEach((index, position) => {
      const cell = written[position] ?? null;
      if (cell === null) decide((rows[index] = null), index);
      else if (cell.row !== null && cell.row.leaseToken !== null) this.leases.remember(cell);
    });
    return rows;
  }

  private async changeFrom(
    first: (subjects: readonly Subject[]) => Promise<Cell[]>,
    keys: readonly RowKey[],
    decide: Decide,
    executions?: SettledExecutions,
  ): Promise<(TaskRow | null)[]> {
    const answers: (TaskRow | null)[] = keys.map(() => null);
    let waiting = subjectsOf(keys);
    let cells = waiting.length === 0 ? [] : await first(waiting);
    for (let attempt = 0; waiting.length > 0; attempt++) {
      if (attempt >= ATTEMPTS)
        throw new RepositoryException('Too many processes write the same rows at once');
      waiting = await this.attempt(waiting, cells, answers, decide, executions);
      if (waiting.length > 0) cells = await this.directory.find(waiting.map(({ key }) => key));
    }
    return answers;
  }

  /** Answers those that are to be read and decided about again. */
  private async attempt(
    waiting: readonly Subject[],
    cells: readonly Cell[],
    answers: (TaskRow | null)[],
    decide: Decide,
    executions: SettledExecutions | undefined,
  ): Promise<Subject[]> {
    const again: Subject[] = [];
    const changing: Subject[] = [];
    const writes: Write[] = [];
    waiting.forEach((subject, position) => {
      const cell = cells[position];
      if (cell === undefined) return;
      let { row } = cell;
      for (const index of subject.indexes) answers[index] = row = decide(row, index);
      if (row !== cell.row) {
        writes.push({ cell, row, executions: executions?.take(subject.indexes) });
        changing.push(subject);
      } else if (cell.isRemembered === true) {
        this.leases.forget(cell.key);
        again.push(subject);
      }
    });
    const written = await this.write(writes);
    changing.forEach((subject, position) => {
      if ((written[position] ?? null) === null) again.push(subject);
    });
    return again;
  }

  private async write(writes: readonly Write[]): Promise<Written[]> {
    if (writes.length === 0) return [];
    const born = writes.filter(({ cell, row }) => cell.home === null && row !== null);
    if (born.length > 0)
      await this.directory.prepare(new Set(born.map((write) => this.writer.homeOf(write))));
    await this.moved.prepare(writes);
    const written = await this.writer.write(writes);
    writes.forEach(({ cell }, index) => this.keepInMind(cell, written[index] ?? null));
    return born.length === 0 ? written : this.twins.withdraw(writes, written);
  }

  private keepInMind(before: Cell, written: Written): void {
    const isHeld = written !== null && written.row !== null && written.row.leaseToken !== null;
    if (isHeld && before.isRemembered === true) this.leases.remember(written);
    else if (before.isRemembered === true) this.leases.forget(before.key);
  }
}

function subjectsOf(keys: readonly RowKey[]): Subject[] {
  const subjects = new Map<string, Subject>();
  keys.forEach((key, index) => {
    const text = textOf(key);
    const known = subjects.get(text);
    if (known === undefined) subjects.set(text, { key, indexes: [index] });
    else known.indexes.push(index);
  });
  return [...subjects.values()];
}
