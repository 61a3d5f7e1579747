import type { Execution } from './execution.js';
import type { Outcome } from './outcome.js';

/** One call that asks for executions. */
export interface SchedulingCall {
  readonly kind: 'schedule' | 'trigger';
  readonly task: string;
  /** null: the static task's own. */
  readonly instanceNames: readonly (string | null)[];
}

/** One call of the store that has ended. */
export interface RepositoryOperation {
  /** What it was for: `claim`, `settle`, `renew`, `schedule`, `find`, … */
  readonly operation: string;
  /** `refused`: what was asked for cannot be; that says nothing about the store. */
  readonly result: 'succeeded' | 'failed' | 'refused';
  readonly durationMs: number;
}

/**
 * Stands around what happens, so that it can be traced. Each method has to do its work once and pass on what that answers or throws.
 */
export interface ExecutionObserver {
  /** `schedule` is given what the rows remember as their `origin`: a W3C `traceparent`, or null. */
  aroundScheduling?<T>(call: SchedulingCall, schedule: (origin: string | null) => Promise<T>): Promise<T>;
  /** From the handler's start to its outcome; a handler that ignores its timeout goes on after that. */
  aroundExecution?(execution: Execution, run: () => Promise<Outcome>): Promise<Outcome>;
}

/** Who looks on at one scheduler. While nobody does, it costs a look at a property. */
export class Observation {
  private current: ExecutionObserver | null = null;

  get observer(): ExecutionObserver | null {
    return this.current;
  }

  /** Asks for executions in sight of the observer, if there is one; the rows remember the origin that `ask` is given. */
  aroundScheduling<T>(call: () => SchedulingCall, ask: (origin: string | null) => Promise<T>): Promise<T> {
    return this.current?.aroundScheduling?.(call(), ask) ?? ask(null);
  }

  /** Looks on until the returned function is called. @throws Error when somebody does already */
  observe(observer: ExecutionObserver): () => void {
    if (this.current !== null)
      throw new Error('This scheduler has an observer already: import one tracing module only');
    this.current = observer;
    return () => {
      if (this.current === observer) this.current = null;
    };
  }
}
