import type { RepositoryOperation } from './execution-observer.js';

/** What every event carries. */
interface EventBase {
  /** When it happened, in epoch milliseconds of the repository's clock. */
  readonly at: number;
}

/** The instance an event concerns; `instanceName` is null for a static task and for a template as a whole. */
interface InstanceEvent extends EventBase {
  readonly task: string;
  readonly instanceName: string | null;
}

/** One execution of it. */
interface ExecutionEvent extends InstanceEvent {
  readonly executionId: string;
  readonly attempt: number;
  /** The occurrence that runs, or the moment of the trigger, in epoch milliseconds. */
  readonly scheduledAt: number;
}

/** What happens in the scheduler; a union by `type`. Logging, metrics and the dashboard hang on it. */
export type PyncetteEvent =
  | (EventBase & { readonly type: 'tick:finished'; readonly claimed: number; readonly durationMs: number })
  | (EventBase & { readonly type: 'tick:failed'; readonly error: unknown })
  | (ExecutionEvent & { readonly type: 'task:started'; readonly missed: number; readonly latenessMs: number })
  | (ExecutionEvent & { readonly type: 'task:succeeded'; readonly durationMs: number })
  | (ExecutionEvent & { readonly type: 'task:failed'; readonly durationMs: number; readonly error: unknown })
  /** Occurrences that were dropped as `missed` says: how many between two moments. */
  | (InstanceEvent & {
      readonly type: 'task:missed';
      readonly count: number;
      readonly after: number;
      readonly before: number;
    })
  | (InstanceEvent & { readonly type: 'task:parked'; readonly error: unknown })
  | (ExecutionEvent & { readonly type: 'lease:lost'; readonly during: 'execution' | 'settlement' })
  | (ExecutionEvent & { readonly type: 'lease:extended'; readonly until: number })
  | (InstanceEvent & { readonly type: 'instance:scheduled'; readonly scheduledAt: number | null })
  | (InstanceEvent & { readonly type: 'instance:unscheduled' })
  | (InstanceEvent & { readonly type: 'instance:paused' })
  | (InstanceEvent & { readonly type: 'instance:resumed' })
  | (InstanceEvent & { readonly type: 'instance:triggered' })
  | (EventBase & { readonly type: 'repository:failed'; readonly operation: string; readonly error: unknown })
  | (EventBase & { readonly type: 'repository:recovered'; readonly downMs: number });

/** Something people should read, that is no event of the contract. */
export interface Notice {
  readonly level: 'error' | 'warn' | 'log';
  readonly message: string;
}

type Listener<T> = (value: T) => void;

/** Somebody who listens, and to what. */
interface Audience {
  readonly listener: Listener<PyncetteEvent>;
  hears(type: PyncetteEvent['type']): boolean;
}

/** Where the engine says what happens. A listener that throws is warned about and disturbs nothing. */
export class SchedulerEvents {
  private readonly audiences = new Set<Audience>();
  private readonly readers = new Set<Listener<Notice>>();
  private readonly operations = new Set<Listener<RepositoryOperation>>();

  emit(event: PyncetteEvent): void {
    for (const audience of this.audiences) if (audience.hears(event.type)) tell(audience.listener, event);
  }

  /** Whether anybody listens: an event that nobody hears need not be made. */
  isHeard(type: PyncetteEvent['type']): boolean {
    for (const audience of this.audiences) if (audience.hears(type)) return true;
    return false;
  }

  notice(level: Notice['level'], message: string): void {
    for (const reader of this.readers) tell(reader, { level, message });
  }

  /** Whether calls of the store have to be timed: somebody wants to know. */
  get areOperationsTimed(): boolean {
    return this.operations.size > 0;
  }

  operated(operation: RepositoryOperation): void {
    for (const listener of this.operations) tell(listener, operation);
  }

  /** Listens to the calls of the store until the returned function is called. */
  onOperation(listener: Listener<RepositoryOperation>): () => void {
    this.operations.add(listener);
    return () => this.operations.delete(listener);
  }

  /** Listens until the returned function is called. `hears`: to which types, as of each event; to all of them unless it is given. */
  subscribe(
    listener: Listener<PyncetteEvent>,
    hears: (type: PyncetteEvent['type']) => boolean = () => true,
  ): () => void {
    const audience = { listener, hears };
    this.audiences.add(audience);
    return () => this.audiences.delete(audience);
  }

  /** Reads notices until the returned function is called. */
  read(reader: Listener<Notice>): () => void {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  }
}

function tell<T>(listener: Listener<T>, value: T): void {
  try {
    listener(value);
  } catch (error) {
    process.emitWarning(`A listener to the scheduler's events failed: ${String(error)}`);
  }
}
