import { RepositoryException } from '../core/errors.js';
import type { ExecutionEntry, ExecutionHistory, ExecutionPlace } from '../core/execution-history.js';
import type { TaskDefinition } from '../core/task.js';
import { STATIC_INSTANCE } from '../core/task-row.js';
import type { EngineContext } from './engine-context.js';

/** Which part of the history is wanted. */
export interface HistoryPage {
  /** null: of a static task, its own; of a template, that of all its instances. */
  readonly instanceName: string | null;
  readonly limit: number;
  readonly before: ExecutionPlace | null;
}

/** Looks up executions that have ended. */
export class HistoryReader {
  constructor(
    private readonly engine: EngineContext,
    /** Awaited before the repository is used. */
    private readonly ready: () => Promise<void>,
  ) {}

  get isKept(): boolean {
    return this.engine.settings.history !== null;
  }

  /** Newest first. @throws RepositoryException when this application keeps no history */
  async list(task: TaskDefinition, page: HistoryPage): Promise<readonly ExecutionEntry[]> {
    await this.ready();
    const instance = page.instanceName ?? (task.kind === 'static' ? STATIC_INSTANCE : null);
    const { limit, before } = page;
    return this.engine.watch.callWithin('history', ({ history }) =>
      this.kept(history).list({ task: task.name, instance, limit, before }),
    );
  }

  private kept(history: ExecutionHistory | undefined): ExecutionHistory {
    if (this.isKept && history !== undefined) return history;
    throw new RepositoryException(
      "This application keeps no history of executions: give PyncetteModule.forRoot({ history: { retention: '7d' } })",
      { isOfCaller: true },
    );
  }
}
