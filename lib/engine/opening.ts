import type { TaskDefinition } from '../core/task.js';
import type { RepositorySession } from '../core/task-repository.js';
import type { EngineContext } from './engine-context.js';
import type { QueueKeeper } from './queue-keeper.js';
import { registerStatic } from './registrations.js';
import type { TaskRegistry } from './task-registry.js';

/** What has to be done before anything is asked of the repository: it is opened, and told of the tasks that it does not know yet. */
export class Opening {
  private opened: Promise<void> | null = null;
  /** What the repository was opened with; null: it is not open. */
  private session: RepositorySession | null = null;
  private unregistered: TaskDefinition[] = [];
  private readonly reported = new Set<string>();

  constructor(
    private readonly engine: EngineContext,
    private readonly registry: TaskRegistry,
    private readonly queues: QueueKeeper,
    /** What repositories need of the application, and tell it. */
    private readonly host: Pick<RepositorySession, 'resolve' | 'onDueElsewhere'>,
  ) {}

  add(task: TaskDefinition): void {
    this.unregistered.push(task);
  }

  /** Nothing is left to be done. */
  get isDone(): boolean {
    return this.session !== null && this.unregistered.length === 0;
  }

  /** Does it. After a failure the next call tries again. */
  async ready(): Promise<void> {
    await (this.opened ??= this.open());
    while (this.unregistered.length > 0) await this.registerNew();
  }

  /** The application needs the repository no more. */
  async close(): Promise<void> {
    if (this.session !== null) await this.engine.watch.repository.close(this.session);
    this.session = this.opened = null;
  }

  private async open(): Promise<void> {
    const { settings, events, watch } = this.engine;
    const { clock, isClockGiven, history } = settings;
    const session: RepositorySession = {
      ...this.host,
      clock,
      isClockGiven,
      keepsHistory: history !== null,
      warn: (message) => events.notice('warn', message),
    };
    try {
      await watch.call('open', (repository) => repository.open(session));
      this.session = session;
      this.warnOfOneConnection();
    } catch (error) {
      this.opened = null;
      throw error;
    }
  }

  /** Once: what else an application writes meanwhile would belong to the execution's transaction. */
  private warnOfOneConnection(): void {
    const { repository } = this.engine.watch;
    const names = this.registry.all
      .filter(({ definition }) => definition.transactional)
      .map(({ definition }) => `'${definition.name}'`);
    if (names.length === 0 || repository.transactionConcurrency?.total !== 1) return;
    this.engine.events.notice(
      'warn',
      `${repository.features.name} has one connection: executions of ${names.join(', ')} run one at a time, and what else the application writes meanwhile belongs to their transaction`,
    );
  }

  private async registerNew(): Promise<void> {
    const tasks = this.unregistered;
    this.unregistered = [];
    try {
      const statics = tasks.map(registerStatic).filter((registration) => registration !== null);
      await this.engine.watch.call('register', (repository) => repository.register(statics));
      for (const task of tasks) if (task.kind !== 'static') await this.queues.place(task);
      await this.reportUnknown();
    } catch (error) {
      this.unregistered.push(...tasks);
      throw error;
    }
  }

  /** Rows of tasks that this process does not know are left alone; said once, for a renamed task looks like that too. */
  private async reportUnknown(): Promise<void> {
    const { watch, events } = this.engine;
    const stored = (await watch.call('list', async (store) => store.tasks?.())) ?? [];
    const unknown = stored.filter(
      (task) => this.registry.find(task) === undefined && !this.reported.has(task),
    );
    for (const task of unknown) this.reported.add(task);
    if (unknown.length > 0)
      events.notice(
        'warn',
        `The repository has rows of tasks that this process does not know, and leaves them alone: ${unknown.join(', ')}`,
      );
  }
}
