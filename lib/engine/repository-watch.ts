import { stopwatch } from '../core/clock.js';
import { PyncetteException, RepositoryException } from '../core/errors.js';
import type { TaskRepository } from '../core/task-repository.js';
import type { RepositoryOperation } from './execution-observer.js';
import type { SchedulerEvents } from './scheduler-events.js';

/** Notices when the store fails and when it is back, from whichever call shows it. */
export class RepositoryWatch {
  private downSince: number | null = null;

  constructor(
    readonly repository: TaskRepository,
    private readonly events: SchedulerEvents,
  ) {}

  get isDown(): boolean {
    return this.downSince !== null;
  }

  /** Calls the store; a failure is announced and passed on. @throws RepositoryException */
  async call<T>(operation: string, use: (repository: TaskRepository) => Promise<T>): Promise<T> {
    try {
      const result = await this.timed(operation, use);
      this.recovered();
      return result;
    } catch (error) {
      if (!isOfCaller(error)) this.failed(operation, error);
      throw asRepositoryException(this.repository, operation, error);
    }
  }

  /** Calls the store within a transaction of the caller: its failure says nothing about the store. @throws RepositoryException */
  async callWithin<T>(operation: string, use: (repository: TaskRepository) => Promise<T>): Promise<T> {
    try {
      return await this.timed(operation, use);
    } catch (error) {
      throw asRepositoryException(this.repository, operation, error);
    }
  }

  /** Measures the call if anybody wants to know. */
  private timed<T>(operation: string, use: (repository: TaskRepository) => Promise<T>): Promise<T> {
    return this.events.areOperationsTimed ? this.measured(operation, use) : use(this.repository);
  }

  private async measured<T>(operation: string, use: (repository: TaskRepository) => Promise<T>): Promise<T> {
    const beganAt = stopwatch();
    const ended = (result: RepositoryOperation['result']): void =>
      this.events.operated({ operation, result, durationMs: stopwatch() - beganAt });
    try {
      const answer = await use(this.repository);
      ended('succeeded');
      return answer;
    } catch (error) {
      ended(isOfCaller(error) ? 'refused' : 'failed');
      throw error;
    }
  }

  private failed(operation: string, error: unknown): void {
    const at = this.repository.now();
    this.downSince ??= at;
    this.events.emit({ type: 'repository:failed', at, operation, error });
  }

  private recovered(): void {
    if (this.downSince === null) return;
    const at = this.repository.now();
    const downMs = at - this.downSince;
    this.downSince = null;
    this.events.emit({ type: 'repository:recovered', at, downMs });
  }
}

const isOfCaller = (error: unknown): boolean => error instanceof RepositoryException && error.isOfCaller;

/** Whatever a store throws is the store's failure, and told from everything else that may go wrong. */
function asRepositoryException(
  { features }: TaskRepository,
  operation: string,
  error: unknown,
): PyncetteException {
  if (error instanceof PyncetteException) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new RepositoryException(`${features.name} failed (${operation}): ${reason}`, { cause: error });
}
