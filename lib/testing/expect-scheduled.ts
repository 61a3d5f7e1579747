import assert from 'node:assert/strict';
import type { DateTime } from 'luxon';
import { type DurationLike, toMilliseconds } from '../core/duration.js';
import type { JsonObject } from '../core/json.js';
import { toMoment } from '../core/moment.js';
import type { RowState } from '../core/row-state.js';
import type { Schedule } from '../core/schedule/schedule.js';
import type { MomentLike } from '../core/task-options.js';

/** What is known of an instance; a `TaskState`. */
interface KnownInstance {
  readonly schedule: Schedule | null;
  readonly args: JsonObject;
  readonly scheduledAt: DateTime | null;
  readonly state: RowState;
}

/** Where instances are looked up: a `PyncetteService`. */
interface InstanceReader<Task, Instance extends KnownInstance> {
  getTask(task: Task, instanceName?: string): Promise<Instance | null>;
}

/**
 * Asserts that an instance (or a static task) is scheduled, and how. Await it; it resolves to the instance's state.
 *
 * @example await expectScheduled(pyncette, 'hello', 'bill').at('2026-01-01T08:00:00Z').withArgs({ username: 'bill' });
 * @throws AssertionError that names the instance and says what it found instead
 */
export function expectScheduled<Task, Instance extends KnownInstance>(
  pyncette: InstanceReader<Task, Instance>,
  task: Task,
  instanceName?: string,
): ScheduledExpectation<Instance> {
  const label = [nameOf(task), instanceName].filter((part) => part !== undefined).join(':');
  return new ScheduledExpectation(label, () => pyncette.getTask(task, instanceName));
}

/** What an instance is expected to be; every word adds something, `await` looks. */
export class ScheduledExpectation<Instance extends KnownInstance> implements PromiseLike<Instance> {
  private readonly checks: ((instance: Instance) => void)[] = [];

  constructor(
    private readonly label: string,
    private readonly find: () => Promise<Instance | null>,
  ) {}

  /** The next execution is for this moment; an ISO string without an offset is UTC. */
  at(moment: MomentLike): this {
    const expected = new Date(toMoment(moment, 'UTC')).toISOString();
    return this.expect('scheduledAt', expected, ({ scheduledAt }) => scheduledAt?.toUTC().toISO() ?? null);
  }

  /** It runs so often. */
  every(interval: DurationLike): this {
    const expected = { kind: 'interval', everyMs: toMilliseconds(interval) };
    return this.expect('schedule', expected, ({ schedule }) => schedule);
  }

  /** It follows this cron expression, in this zone if one is given. */
  withCron(expression: string, timezone?: string): this {
    const expected = timezone === undefined ? { expression } : { expression, timezone };
    return this.expect('schedule', expected, ({ schedule }) => {
      if (schedule?.kind !== 'cron') return schedule;
      const found = { expression: schedule.expression };
      return timezone === undefined ? found : { ...found, timezone: schedule.timezone };
    });
  }

  /** Its args, those of the template included, are exactly these. */
  withArgs(args: object): this {
    return this.expect('args', { ...args }, (instance) => ({ ...instance.args }));
  }

  /** `'scheduled'`, `'running'`, `'paused'` or `'parked'`. */
  inState(state: RowState): this {
    return this.expect('state', state, (instance) => instance.state);
  }

  // oxlint-disable-next-line unicorn/no-thenable -- to be awaited is what it is for
  then<Result = Instance, Failure = never>(
    onFulfilled?: ((instance: Instance) => Result | PromiseLike<Result>) | null,
    onRejected?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Result | Failure> {
    return this.look().then(onFulfilled, onRejected);
  }

  private expect(what: string, expected: unknown, read: (instance: Instance) => unknown): this {
    this.checks.push((instance) => {
      const actual = read(instance);
      const message = `${this.label}: expected ${what} ${JSON.stringify(expected)}, found ${JSON.stringify(actual)}`;
      try {
        assert.deepEqual(actual, expected);
      } catch {
        throw new assert.AssertionError({ message, actual, expected, operator: 'expectScheduled' });
      }
    });
    return this;
  }

  private async look(): Promise<Instance> {
    const instance = await this.find();
    if (instance === null)
      throw new assert.AssertionError({ message: `${this.label} is not scheduled`, actual: null });
    for (const check of this.checks) check(instance);
    return instance;
  }
}

function nameOf(task: unknown): string {
  if (typeof task === 'string') return task;
  if (typeof task === 'function') return task.name;
  return Array.isArray(task) ? String(task[1]) : String(task);
}
