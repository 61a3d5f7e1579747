import { RepositoryException } from '../core/errors.js';
import type { TaskDefinition } from '../core/task.js';
import type { Registration } from '../core/task-repository.js';
import type { TaskRow } from '../core/task-row.js';
import { Batcher } from './batcher.js';
import type { EngineContext } from './engine-context.js';
import { registerInstance } from './registrations.js';
import { StoreCalls } from './store-calls.js';

/** One instance to be scheduled. */
export interface InstanceToSchedule {
  readonly instanceName: string;
  readonly options: unknown;
}

/** Told after each statement: how many instances are stored, of how many. */
type OnProgress = (progress: { readonly done: number; readonly total: number }) => void;

/** Most rows that one call of the store is given. */
const CALL_SIZE = 1_000;

/** Creates and updates instances. */
export class Scheduling {
  /** Calls that come at the same time share statements. */
  private readonly alone: Batcher<Registration, TaskRow>;

  constructor(
    private readonly engine: EngineContext,
    private readonly calls: StoreCalls,
    /** A row may have become claimable at a moment. */
    private readonly onDue: (at: number) => void,
  ) {
    this.alone = new Batcher(
      (wanted) => calls.call('schedule', (repository) => repository.register(wanted)),
      isOfOneStatement,
      {
        atOnce: () => engine.watch.repository.registersAtOnce ?? 1,
        keyOf: ({ task, instance }) => `${task}\u0000${instance}`,
      },
    );
  }

  /** All are checked before any is written. */
  async schedule(
    task: TaskDefinition,
    instances: readonly InstanceToSchedule[],
    transaction?: unknown,
    onProgress?: OnProgress,
  ): Promise<void> {
    const wanted = instances.map(({ instanceName, options }) =>
      registerInstance(task, instanceName, options),
    );
    const names = (): string[] => instances.map(({ instanceName }) => instanceName);
    await this.engine.observation.aroundScheduling(
      () => ({ kind: 'schedule', task: task.name, instanceNames: names() }),
      (origin) => {
        const traced = origin === null ? wanted : wanted.map((one) => ({ ...one, origin }));
        return this.register(traced, transaction ?? null, onProgress);
      },
    );
  }

  private register(
    wanted: readonly Registration[],
    transaction: unknown,
    onProgress?: OnProgress,
  ): Promise<void> {
    const [only] = wanted;
    if (only === undefined || wanted.length > 1 || transaction !== null || onProgress !== undefined)
      return this.registerAll(wanted, transaction, onProgress);
    return new Promise((resolve, reject) => {
      const told = (row: TaskRow): void => {
        this.scheduled(row);
        resolve();
      };
      this.alone.put({ request: only, resolve: told, reject });
    });
  }

  private async registerAll(
    wanted: readonly Registration[],
    transaction: unknown,
    onProgress?: OnProgress,
  ): Promise<void> {
    for (let from = 0; from < wanted.length; from += CALL_SIZE) {
      const part = wanted.slice(from, from + CALL_SIZE);
      const rows = await this.calls.within(transaction, 'schedule', (repository) =>
        repository.register(part, transaction ?? undefined),
      );
      this.calls.whenCommitted(transaction, () => {
        for (const row of rows) this.scheduled(row);
      });
      onProgress?.({ done: from + part.length, total: wanted.length });
    }
  }

  private scheduled(row: TaskRow): void {
    if (this.engine.events.isHeard('instance:scheduled'))
      this.calls.emit({ type: 'instance:scheduled', ...this.calls.about(row), scheduledAt: row.scheduledAt });
    if (row.dueAt !== null) this.onDue(row.dueAt);
  }
}

/** What the database says of a statement may be about one of its rows. */
const isOfOneStatement = (error: unknown): boolean =>
  error instanceof RepositoryException && !error.isOfCaller && error.cause !== undefined;
