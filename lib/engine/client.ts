import { encodeArgs } from '../core/args.js';
import { InvalidScheduleException } from '../core/errors.js';
import { allQueuesOf } from '../core/partitioning.js';
import type { RowState } from '../core/row-state.js';
import { type TaskDefinition, canonicalName } from '../core/task.js';
import type { ListRequest } from '../core/task-repository.js';
import { type RowKey, STATIC_INSTANCE } from '../core/task-row.js';
import type { EngineContext } from './engine-context.js';
import { placeFromNow } from './place-from-now.js';
import { resumeTemplate } from './template-resumption.js';
import type { StoreCalls } from './store-calls.js';
import { type StoredInstance, storedInstance } from './stored-instance.js';

/** One page of a listing. */
export interface ListPage {
  readonly limit: number;
  readonly after: string | null;
  readonly state: RowState | null;
  readonly namePrefix?: string;
}

/** What applications ask about single instances that are there, and about templates. */
export class Client {
  constructor(
    private readonly engine: EngineContext,
    private readonly calls: StoreCalls,
    /** A row may have become claimable at a moment. */
    private readonly onDue: (at: number) => void,
  ) {}

  async unschedule(task: TaskDefinition, instanceName: string, transaction?: unknown): Promise<boolean> {
    const key = keyOf(task, instanceName);
    const [existed] = await this.calls.within(transaction, 'unschedule', (repository) =>
      repository.unregister([key], transaction),
    );
    if (existed) this.calls.whenCommitted(transaction, () => this.emit('instance:unscheduled', key));
    return existed === true;
  }

  async get(task: TaskDefinition, instanceName: string | null): Promise<StoredInstance | null> {
    const key = keyOf(task, instanceName);
    const [listed] = await this.calls.call('find', (repository) => repository.find([key]));
    return listed ? storedInstance(task, listed) : null;
  }

  async list(task: TaskDefinition, page: ListPage): Promise<readonly StoredInstance[]> {
    const request: ListRequest = {
      task: task.name,
      isStatic: task.kind === 'static',
      queues: allQueuesOf(task),
      ...page,
    };
    const rows = await this.calls.call('list', (repository) => repository.list(request));
    return rows.map((listed) => storedInstance(task, listed));
  }

  /** Whether all instances of a template are held, those scheduled later too. */
  async isTemplatePaused(task: TaskDefinition): Promise<boolean> {
    return this.calls.call('find', (repository) => repository.isTemplatePaused(task.name));
  }

  /** Answers whether there was anything to pause. */
  async pause(task: TaskDefinition, instanceName: string | null): Promise<boolean> {
    const key = keyOf(task, instanceName);
    if (isTemplate(task, instanceName)) {
      await this.calls.call('pause', (repository) => repository.setTemplatePaused(task.name, true));
    } else {
      const [row] = await this.calls.call('pause', (repository) => repository.pause([key]));
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
      await resumeTemplate(task.name, from, (operation, use) => this.calls.call(operation, use));
    } else {
      const [row] = await this.calls.call('resume', (repository) =>
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
      (origin) => this.calls.call('trigger', (repository) => repository.trigger([{ ...request, origin }])),
    );
    if (!row) return false;
    this.emit('instance:triggered', key);
    this.onDue(this.engine.watch.repository.now());
    return true;
  }

  private emit(type: InstanceEventType, key: RowKey): void {
    this.calls.emit({ type, ...this.calls.about(key) });
  }
}

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
