import { setMaxListeners } from 'node:events';
import { RepositoryException } from '../../../lib/core/errors.js';
import type { Execution } from '../../../lib/engine/execution.js';
import { Scheduler } from '../../../lib/engine/scheduler.js';
import type { SchedulerSettings } from '../../../lib/core/scheduler-options.js';
import type { TaskDefinition } from '../../../lib/core/task.js';
import type { TaskRepository } from '../../../lib/core/task-repository.js';
import type { TestClock } from '../../../lib/testing/test-clock.js';
import { settings } from '../harness.js';

/** Far longer than any case: what a dead process does. */
const FOREVER_MS = 10 * 365 * 24 * 3_600_000;

/** What a handler does, given its execution and the process it runs in. */
export type Handler = (execution: Execution, process: MortalProcess) => Promise<void>;

/** A scheduler that can be killed: from then on it reaches its store no more, and its handlers neither go on nor end. */
export class MortalProcess {
  readonly scheduler: Scheduler;
  isDead = false;
  /** Dies when it has claimed something, before it hears of it. */
  diesAtClaim = false;
  /** Handlers that have begun and not ended. */
  inFlight = 0;
  private readonly death = new AbortController();

  constructor(
    private readonly clock: TestClock,
    store: TaskRepository,
    task: TaskDefinition,
    handler: Handler,
    overrides: Partial<SchedulerSettings> = {},
  ) {
    // One for each handler that sleeps.
    setMaxListeners(0, this.death.signal);
    this.scheduler = new Scheduler(settings(clock, overrides), this.mortal(store));
    this.scheduler.add({
      definition: task,
      run: async (execution) => {
        this.inFlight++;
        try {
          await handler(execution, this);
        } finally {
          this.inFlight--;
        }
      },
    });
  }

  /** Sleeps, or never wakes when the process dies first. */
  async sleep(ms: number): Promise<void> {
    try {
      if (ms > 0) await this.clock.sleep(ms, this.death.signal);
    } catch {
      await this.clock.sleep(FOREVER_MS);
    }
  }

  kill(): void {
    this.isDead = true;
    this.death.abort();
    // Only so that its loop ends with the case; nothing of it reaches the store.
    void this.scheduler.stop();
  }

  private mortal(store: TaskRepository): TaskRepository {
    return new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return name === 'now'
          ? () => target.now()
          : (...args: unknown[]) => this.call(target, name, member, args);
      },
    });
  }

  private async call(
    target: TaskRepository,
    name: string | symbol,
    member: Function,
    args: unknown[],
  ): Promise<unknown> {
    if (this.isDead) throw new RepositoryException('this process is dead');
    const answer: unknown = await Reflect.apply(member, target, args);
    if (name === 'claimDue' && this.diesAtClaim && hasClaimed(answer)) this.kill();
    if (this.isDead) throw new RepositoryException('this process is dead');
    return answer;
  }
}

function hasClaimed(answer: unknown): boolean {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'claimed' in answer &&
    Array.isArray(answer.claimed) &&
    answer.claimed.length > 0
  );
}
