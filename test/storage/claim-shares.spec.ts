import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClaimRequest, ClaimableTask } from '../../lib/core/task-repository.js';
import { type AskedQueue, divide } from '../../lib/storage/typeorm/claim-shares.js';

const taskNamed = (name: string, overrides: Partial<ClaimableTask> = {}): ClaimableTask => ({
  task: name,
  isStatic: false,
  queues: [name],
  leaseMs: 1_000,
  limit: 100,
  ...overrides,
});

const requestOf = (tasks: readonly ClaimableTask[], limit: number): ClaimRequest => ({
  tasks,
  limit,
  owner: 'me',
});

interface Asked {
  readonly request: ClaimRequest;
  readonly busy: ReadonlySet<string>;
  readonly turn: number;
}

const tasks: fc.Arbitrary<readonly ClaimableTask[]> = fc
  .array(
    fc.record({ parts: fc.integer({ min: 1, max: 4 }), limit: fc.nat(120), isTransactional: fc.boolean() }),
    { maxLength: 8 },
  )
  .map((wanted) =>
    wanted.map(({ parts, limit, isTransactional }, index) =>
      taskNamed(`t${index}`, {
        queues: Array.from({ length: parts }, (_, part) => `t${index}#${part}`),
        limit,
        isTransactional,
      }),
    ),
  );

const queuesOf = (all: readonly ClaimableTask[]): string[] => all.flatMap(({ queues }) => queues);

const anything: fc.Arbitrary<Asked> = tasks.chain((all) =>
  fc.record({
    request: fc
      .record({ limit: fc.nat(150), transactionLimit: fc.option(fc.nat(20), { nil: undefined }) })
      .map(({ limit, transactionLimit }) => ({
        ...requestOf(all, limit),
        ...(transactionLimit !== undefined && { transactionLimit }),
      })),
    busy: fc.subarray(queuesOf(all)).map((queues) => new Set(queues)),
    turn: fc.nat(1_000),
  }),
);

const sumOf = (asked: readonly AskedQueue[]): number => asked.reduce((sum, { share }) => sum + share, 0);

/** What is left of the limits that hold for a queue when all shares are given. */
function roomOf({ task }: AskedQueue, asked: readonly AskedQueue[], request: ClaimRequest): number {
  const ofTask = task.limit - sumOf(asked.filter((one) => one.task === task));
  const transactions =
    (request.transactionLimit ?? Infinity) - sumOf(asked.filter((one) => one.task.isTransactional === true));
  const room = Math.min(ofTask, request.limit - sumOf(asked));
  return task.isTransactional === true ? Math.min(room, transactions) : room;
}

describe('What may be claimed, divided among queues', () => {
  it('names every queue once, in their order, with a whole share', () => {
    fc.assert(
      fc.property(anything, ({ request, busy, turn }) => {
        const asked = divide(request, busy, turn);
        expect(asked.map(({ queue }) => queue)).toEqual(queuesOf(request.tasks));
        for (const { share } of asked) expect(Number.isInteger(share) && share >= 0).toBe(true);
      }),
    );
  });

  it('is never more than a limit: of the claim, of a task, of transactions', () => {
    fc.assert(
      fc.property(anything, ({ request, busy, turn }) => {
        const asked = divide(request, busy, turn);
        for (const queue of asked) expect(roomOf(queue, asked, request)).toBeGreaterThanOrEqual(0);
        expect(sumOf(asked)).toBeLessThanOrEqual(request.limit);
      }),
    );
  });

  it('leaves nothing unused that a busy queue could have, or where none is busy any', () => {
    fc.assert(
      fc.property(anything, ({ request, busy, turn }) => {
        const asked = divide(request, busy, turn);
        const crowded = asked.filter(({ queue }) => busy.has(queue));
        for (const queue of crowded.length > 0 ? crowded : asked)
          expect(roomOf(queue, asked, request)).toBe(0);
      }),
    );
  });

  it('is at most one of a quiet queue beside a crowd, and one of each as long as a tenth lasts', () => {
    fc.assert(
      fc.property(anything, ({ request, busy, turn }) => {
        const asked = divide(request, busy, turn);
        const quiet = asked.filter(({ queue }) => !busy.has(queue));
        fc.pre(quiet.length > 0 && quiet.length < asked.length);
        expect(Math.max(...quiet.map(({ share }) => share))).toBeLessThanOrEqual(1);
        const tenth = Math.ceil(request.limit / 10);
        expect(sumOf(quiet)).toBeLessThanOrEqual(tenth);
        const isOpen = ({ task }: AskedQueue): boolean => task.limit > 0 && task.isTransactional !== true;
        const open = new Set(quiet.filter(isOpen).map(({ task }) => task)).size;
        expect(sumOf(quiet)).toBeGreaterThanOrEqual(Math.min(open, tenth));
      }),
    );
  });

  it('lets each queue have its turn where a crowd leaves too little for all', () => {
    const crowd = taskNamed('crowd');
    const others = Array.from({ length: 30 }, (_, index) => taskNamed(`quiet ${index}`));
    const served = new Set<string>();
    for (let turn = 0; turn < 31; turn++) {
      const asked = divide(requestOf([crowd, ...others], 100), new Set(['crowd']), turn);
      expect(asked[0]?.share).toBe(90);
      for (const { queue, share } of asked) if (share > 0) served.add(queue);
    }
    expect(served.size).toBe(31);
  });

  it('is shared evenly among crowds, and what one of them cannot take the others have', () => {
    const crowds = [taskNamed('a'), taskNamed('b'), taskNamed('c', { limit: 10 })];
    const asked = divide(requestOf(crowds, 100), new Set(['a', 'b', 'c']), 0);
    expect(asked.map(({ share }) => share)).toEqual([45, 45, 10]);
  });

  it('is nothing where nothing is asked for', () => {
    expect(divide(requestOf([], 100), new Set(), 3)).toEqual([]);
    expect(sumOf(divide(requestOf([taskNamed('a')], 0), new Set(['a']), 3))).toBe(0);
  });
});
