import { encodeArgs } from '../core/args.js';
import { InvalidScheduleException, RepositoryException } from '../core/errors.js';
import { allQueuesOf } from '../core/partitioning.js';
import type { RowState } from '../core/row-state.js';
import { type TaskDefinition, canonicalName } from '../core/task.js';
import type { ListRequest, Registration, TaskRepository } from '../core/task-repository.js';
import { type RowKey, STATIC_INSTANCE, type TaskRow } from '../core/task-row.js';
import { instanceNameOf } from '../core/task-spec.js';
import { Batcher } from './batcher.js';
import type { EngineContext } from './engine-context.js';
import { placeFromNow } from './place-from-now.js';
import { registerInstance } from './registrations.js';
import { resumeTemplate } from './template-resumption.js';
import { type StoredInstance, storedInstance } from './stored-instance.js';

/** One instance to be scheduled. */
export interface InstanceToSchedule {
  readonly instanceName: string;
  readonly options: unknown;
}

/** One page of a listing. */
export interface ListPage {
  readonly limit: number;
  readonly after: string | null;
  readonly state: RowState | null;
  readonly namePrefix?: string;
}

/** Most rows that go to the store in one statement. */
const STATEMENT_SIZE = 1_000;

/** What applications ask of the scheduler: everything about rows but executing them. */
export class Client {
  /** Calls that come at the same time share statements. */
  private readonly registrations: Batcher<Registration, TaskRow>;

  constructor(
    private readonly engine: EngineContext,
    /** A row may have become claimable at a moment. */
    private readonly onDue: (at: number) => void,
  ) {
    this.registrations = new Batcher(
      (wanted) => this.call('schedule', (repository) => repository.register(wanted)),
      isOfOneStatement,
    );
  }

  /** Creates or updates instances; all are checked before any is written. */
  async schedule(
    task: TaskDefinition,
    instances: readonly InstanceToSchedule[],
    transaction?: unknown,
    onProgress?: (progress: { readonly done: number; readonly total: number }) => void,
  ): Promise<void> {
    const wanted = instances.map(({ instanceName, options }) =>
      registerInstance(task, instanceName, options),
    );
    const names = (): string[] => instances.map(({ instanceName }) => instanceName);
    await this.engine.observation.aroundScheduling(
      () => ({ kind: 'schedule', task: task.name, instanceNames: names() }),
      (origin) => {
        const traced = origin === null ? wanted : wanted.map((one) => ({ ...one, origin }));
        return this.register(traced, transaction, onProgress);
      },
    );
  }

  private async register(
    wanted: readonly Registration[],
    transaction: unknown,
    onProgress?: (progress: { readonly done: number; readonly total: number }) => void,
  ): Promise<void> {
    for (let from = 0; from < wanted.length; from += STATEMENT_SIZE) {
      const part = wanted.slice(from, from + STATEMENT_SIZE);
      const rows = await this.registered(part, transaction);
      this.whenCommitted(transaction, () => {
        for (const row of rows) this.scheduled(row);
      });
      onProgress?.({ done: from + part.length, total: wanted.length });
    }
  }

  private async registered(
    wanted: readonly Registration[],
    transaction: unknown,
  ): Promise<readonly TaskRow[]> {
    const [only] = wanted;
    if (only !== undefined && wanted.length === 1 && (transaction ?? null) === null)
      return [await this.registrations.submit(only)];
    return this.within(transaction, 'schedule', (repository) => repository.register(wanted, transaction));
  }

  async unschedule(task: TaskDefinition, instanceName: string, transaction?: unknown): Promise<boolean> {
    const key = keyOf(task, instanceName);
    const [existed] = await this.within(transaction, 'unschedule', (repository) =>
      repository.unregister([key], transaction),
    );
    if (existed) this.whenCommitted(transaction, () => this.emit('instance:unscheduled', key));
    return existed === true;
  }

  async get(task: TaskDefinition, instanceName: string | null): Promise<StoredInstance | null> {
    const key = keyOf(task, instanceName);
    const [listed] = await this.call('find', (repository) => repository.find([key]));
    return listed ? storedInstance(task, listed) : null;
  }

  async list(task: TaskDefinition, page: ListPage): Promise<readonly StoredInstance[]> {
    const request: ListRequest = {
      task: task.name,
      isStatic: task.kind === 'static',
      queues: allQueuesOf(task),
      ...page,
    };
    const rows = await this.call('list', (repository) => repository.list(request));
    return rows.map((listed) => storedInstance(task, listed));
  }

  /** Whether all instances of a template are held, those scheduled later too. */
  async isTemplatePaused(task: TaskDefinition): Promise<boolean> {
    return this.call('find', (repository) => repository.isTemplatePaused(task.name));
  }

  /** Answers whether there was anything to pause. */
  async pause(task: TaskDefinition, instanceName: string | null): Promise<boolean> {
    const key = keyOf(task, instanceName);
    if (isTemplate(task, instanceName)) {
      await this.call('pause', (repository) => repository.setTemplatePaused(task.name, true));
    } else {
      const [row] = await this.call('pause', (repository) => repository.pause([key]));
      if (!row) return false;
    }
    this.emit('instance:paused', key);
    return true;
  }

  /** Answers whether there was anything to resume. */
  async resume(
    task: TaskDefinition,
    instanceName: string | null,
    from: 'schedule' | 'now',
  ): Promise<boolean> {
    const key = keyOf(task, instanceName);
    if (isTemplate(task, instanceName)) {
      await resumeTemplate(task.name, from, (operation, use) => this.call(operation, use));
    } else {
      const [row] = await this.call('resume', (repository) =>
        repository.resume([{ ...key, from, place: placeFromNow }]),
      );
      if (!row) return false;
    }
    this.emit('instance:resumed', key);
    this.onDue(this.engine.watch.repository.now());
    return true;
  }

  /** Answers whether the instance exists. */
  async trigger(task: TaskDefinition, instanceName: string | null, args: unknown): Promise<boolean> {
    const key = keyOf(task, instanceName);
    const request = { ...key, args: args === undefined ? null : checkedArgs(task, instanceName, args) };
    const [row] = await this.engine.observation.aroundScheduling(
      () => ({ kind: 'trigger', task: task.name, instanceNames: [instanceName] }),
      (origin) => this.call('trigger', (repository) => repository.trigger([{ ...request, origin }])),
    );
    if (!row) return false;
    this.emit('instance:triggered', key);
    this.onDue(this.engine.watch.repository.now());
    return true;
  }

  /** Nothing of a caller's transaction is seen or woken before it is committed. */
  private whenCommitted(transaction: unknown, callback: () => void): void {
    const { repository } = this.engine.watch;
    if (transaction === undefined || repository.afterCommit === undefined) callback();
    else repository.afterCommit(transaction, callback);
  }

  private scheduled(row: TaskRow): void {
    if (this.engine.events.isHeard('instance:scheduled'))
      this.emit('instance:scheduled', row, row.scheduledAt);
    if (row.dueAt !== null) this.onDue(row.dueAt);
  }

  private emit(type: 'instance:scheduled', key: RowKey, scheduledAt: number | null): void;
  private emit(type: InstanceEventType, key: RowKey): void;
  private emit(
    type: InstanceEventType | 'instance:scheduled',
    key: RowKey,
    scheduledAt: number | null = null,
  ): void {
    const about = {
      at: this.engine.watch.repository.now(),
      task: key.task,
      instanceName: instanceNameOf(key),
    };
    this.engine.events.emit(
      type === 'instance:scheduled' ? { type, ...about, scheduledAt } : { type, ...about },
    );
  }

  private within<T>(
    transaction: unknown,
    operation: string,
    use: (repository: TaskRepository) => Promise<T>,
  ): Promise<T> {
    const { watch } = this.engine;
    return transaction === undefined ? watch.call(operation, use) : watch.callWithin(operation, use);
  }

  private call<T>(operation: string, use: (repository: TaskRepository) => Promise<T>): Promise<T> {
    return this.engine.watch.call(operation, use);
  }
}

/** What the database says of a statement may be about one of its rows. */
const isOfOneStatement = (error: unknown): boolean =>
  error instanceof RepositoryException && !error.isOfCaller && error.cause !== undefined;

type InstanceEventType =
  'instance:unscheduled' | 'instance:paused' | 'instance:resumed' | 'instance:triggered';

const isTemplate = (task: TaskDefinition, instanceName: string | null): boolean =>
  task.kind !== 'static' && instanceName === null;

const keyOf = (task: TaskDefinition, instanceName: string | null): RowKey => ({
  task: task.name,
  instance: instanceName ?? STATIC_INSTANCE,
});

function checkedArgs(task: TaskDefinition, instanceName: string | null, args: unknown): string {
  try {
    return encodeArgs(args);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidScheduleException(
      `${canonicalName(task.name, instanceName)} cannot be triggered: ${reason}`,
    );
  }
}
