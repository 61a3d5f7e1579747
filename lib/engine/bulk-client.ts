import { RepositoryException } from '../core/errors.js';
import { allQueuesOf } from '../core/partitioning.js';
import type { RowFilter } from '../core/row-requests.js';
import type { RowState } from '../core/row-state.js';
import type { TaskDefinition } from '../core/task.js';
import type { ListedRow, TaskRepository } from '../core/task-repository.js';
import { type RowKey, type TaskRow, STATIC_INSTANCE } from '../core/task-row.js';
import { instanceNameOf } from '../core/task-spec.js';
import type { EngineContext } from './engine-context.js';
import { placeFromNow } from './place-from-now.js';
import { type StoredInstance, storedInstance } from './stored-instance.js';

/** Which instances of a task are meant. */
export interface InstanceFilter {
  readonly state: RowState | null;
  readonly namePrefix?: string;
}

/** Told after each step: how many were changed so far, and how many fitted when it began. */
export type OnProgress = (progress: { readonly done: number; readonly total: number }) => void;

/** Most rows that one step changes. */
const STEP_SIZE = 1_000;

/** What applications ask about many instances at once. Everything is done in steps, so that nobody waits for long. */
export class BulkClient {
  constructor(
    private readonly engine: EngineContext,
    /** Awaited before the repository is used. */
    private readonly ready: () => Promise<void>,
    /** A row may have become claimable at a moment. */
    private readonly onDue: (at: number) => void,
  ) {}

  /** Removes them; answers how many there were. */
  async unscheduleAll(
    task: TaskDefinition,
    filter: InstanceFilter,
    onProgress?: OnProgress,
  ): Promise<number> {
    return this.inSteps(task, filter, onProgress, async (listed) => {
      const keys = listed.map(({ row }) => keyOf(row));
      const existed = await this.call('unschedule', (repository) => repository.unregister(keys));
      const removed = keys.filter((_, index) => existed[index] === true);
      for (const key of removed) this.emit('instance:unscheduled', key);
      return removed.length;
    });
  }

  /** Ends the hold of those that are held so; answers how many there were. */
  async resumeAll(
    task: TaskDefinition,
    filter: InstanceFilter,
    from: 'schedule' | 'now',
    onProgress?: OnProgress,
  ): Promise<number> {
    return this.inSteps(task, filter, onProgress, async (listed) => {
      // Of a template that is paused as a whole, those that nothing else holds are listed too.
      const keys = listed.filter(({ row }) => row.hold === filter.state).map(({ row }) => keyOf(row));
      const requests = keys.map((key) => ({ ...key, from, place: placeFromNow }));
      const rows = await this.call('resume', (repository) => repository.resume(requests));
      const resumed = rows.filter((row): row is TaskRow => row !== null);
      for (const row of resumed) this.emit('instance:resumed', row);
      if (resumed.length > 0) this.onDue(this.engine.watch.repository.now());
      return resumed.length;
    });
  }

  async count(task: TaskDefinition, filter: InstanceFilter): Promise<number> {
    await this.ready();
    const wanted = rowsOf(task, filter);
    return this.call(
      'count',
      async (repository) => repository.count?.(wanted) ?? counted(repository, wanted),
    );
  }

  /** What becomes due next of some tasks, overdue first. */
  async upcoming(tasks: readonly TaskDefinition[], limit: number): Promise<readonly StoredInstance[]> {
    await this.ready();
    const byName = new Map(tasks.map((task) => [task.name, task]));
    const wanted = [...byName.values()].map((task) => ({
      task: task.name,
      isStatic: task.kind === 'static',
      queues: allQueuesOf(task),
    }));
    const found = await this.call('list', (repository) => {
      if (repository.upcoming === undefined) throw cannotTell(repository);
      return repository.upcoming({ tasks: wanted, limit });
    });
    return found.flatMap((listed) => {
      const task = byName.get(listed.row.task);
      return task === undefined ? [] : [storedInstance(task, listed)];
    });
  }

  private async inSteps(
    task: TaskDefinition,
    filter: InstanceFilter,
    onProgress: OnProgress | undefined,
    change: (listed: readonly ListedRow[]) => Promise<number>,
  ): Promise<number> {
    const total = onProgress === undefined ? 0 : await this.count(task, filter);
    await this.ready();
    let done = 0;
    for (let after: string | null = null; ;) {
      const page = { ...rowsOf(task, filter), limit: STEP_SIZE, after };
      const listed: readonly ListedRow[] = await this.call('list', (repository) => repository.list(page));
      const last = listed.at(-1);
      if (last === undefined) return done;
      done += await change(listed);
      onProgress?.({ done, total: Math.max(total, done) });
      if (listed.length < STEP_SIZE) return done;
      after = last.row.instance;
    }
  }

  private emit(type: 'instance:unscheduled' | 'instance:resumed', key: RowKey): void {
    const at = this.engine.watch.repository.now();
    this.engine.events.emit({ type, at, task: key.task, instanceName: instanceNameOf(key) });
  }

  private call<T>(operation: string, use: (repository: TaskRepository) => Promise<T>): Promise<T> {
    return this.engine.watch.call(operation, use);
  }
}

const keyOf = ({ task, instance }: TaskRow): RowKey => ({ task, instance });

const rowsOf = (task: TaskDefinition, { state, namePrefix }: InstanceFilter): RowFilter => ({
  task: task.name,
  isStatic: task.kind === 'static',
  state,
  namePrefix,
  queues: allQueuesOf(task),
});

async function counted(repository: TaskRepository, filter: RowFilter): Promise<number> {
  let count = 0;
  for (let after: string | null = null; ;) {
    const rows: readonly ListedRow[] = await repository.list({ ...filter, limit: STEP_SIZE, after });
    count += rows.length;
    if (rows.length < STEP_SIZE) return count;
    after = rows.at(-1)?.row.instance ?? STATIC_INSTANCE;
  }
}

const cannotTell = ({ features }: TaskRepository): RepositoryException =>
  new RepositoryException(
    `The repository (${features.name}) cannot tell what becomes due next: list the instances of each task with listTasks()`,
    { isOfCaller: true },
  );
