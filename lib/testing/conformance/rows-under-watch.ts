import assert from 'node:assert/strict';
import type { Registration, Settlement, TaskRepository } from '../../core/task-repository.js';
import type { TaskRow } from '../../core/task-row.js';
import type { Random } from './random.js';
import { every, key } from './store.js';

export const NAMES = ['anna', 'Anna', 'bill', 'böb ', 'zoë'];
export const KEYS = NAMES.map((name) => key(name));

/** What a call should make of rows; those it does not name stay as they were. */
export type Expected = ReadonlyMap<string, TaskRow | null>;

/** The rows of a few instances as they were after the last call, and what was called. */
export class RowsUnderWatch {
  private readonly rows = new Map<string, TaskRow | null>(NAMES.map((name) => [name, null]));
  private readonly done: string[] = [];

  constructor(private readonly handle: () => TaskRepository) {}

  get all(): readonly (TaskRow | null)[] {
    return [...this.rows.values()];
  }

  applied<T extends { readonly instance: string }>(
    requests: readonly T[],
    change: (row: TaskRow | null, request: T) => TaskRow | null,
  ): Expected {
    return new Map(
      requests.map((request) => [request.instance, change(this.before(request.instance), request)]),
    );
  }

  /** Every row is as expected, and as it was where nothing is. */
  async compare(call: string, changed: Expected): Promise<void> {
    this.done.push(call);
    const found = await this.handle().find(KEYS);
    NAMES.forEach((name, index) => {
      const expected = changed.has(name) ? (changed.get(name) ?? null) : this.before(name);
      const actual = found[index]?.row ?? null;
      assert.deepEqual(actual, expected, this.about(`${call} leaves ${name}`));
      this.rows.set(name, actual);
    });
  }

  about(what: string): string {
    return `${what} as the transitions say, after ${this.done.slice(-8).join(', ')} (step ${this.done.length})`;
  }

  before(name: string): TaskRow | null {
    return this.rows.get(name) ?? null;
  }
}

export function randomRegistration(random: Random, name: string): Registration {
  const afterMs = random.pick([-5_000, 0, 1_000, 2_000]);
  return every(name, random.pick([1_000, 2_000]), {
    args: random.pick(['{}', '{"n":1}', '{"ü":[null,"\\u0001"]}']),
    jitterMs: random.pick([0, 0, 7]),
    force: random.oneIn(6),
    origin: random.pick([null, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']),
    place: (now) => now + afterMs,
  });
}

export function randomSettlement(random: Random, now: number): Settlement {
  const error = random.pick([null, { name: 'Error', message: 'ü', at: now }]);
  return random.pick<Settlement>([
    { kind: 'done', next: now + 1_000, jitterMs: 3, error },
    { kind: 'done', next: null, jitterMs: 0, error },
    { kind: 'retry', dueAt: now + 700, error },
    { kind: 'keep', error },
    { kind: 'park', error },
    { kind: 'back' },
  ]);
}
