import { errorText } from '../../../core/text-of.js';
import type { PyncetteEvent } from '../../../engine/scheduler-events.js';
import type { ExecutionView } from '../wire.js';

type Started = Extract<PyncetteEvent, { type: 'task:started' }>;
export type Ended = Extract<PyncetteEvent, { type: 'task:succeeded' | 'task:failed' }>;

/** Most executions that ended, and most running ones, that one frame tells. */
const TOLD = 40;
/** Most running executions that are remembered: some end without saying so, at a shutdown. */
const LONGEST_LIST = 5_000;
/** What ends sooner is not shown as running: nobody could read it. */
const VISIBLE_AFTER_MS = 300;
const LONGEST_ERROR = 500;

interface EndedExecution {
  readonly seq: number;
  readonly view: ExecutionView;
}

/** The executions of this process: those that run, and the latest that ended. */
export class Executions {
  private readonly inFlight = new Map<string, Started>();
  private readonly ended: EndedExecution[] = [];
  private next = 0;

  start(event: Started): void {
    if (this.inFlight.size >= LONGEST_LIST) this.forgetOldest();
    this.inFlight.set(keyOf(event), event);
  }

  end(event: Ended, seq: number): void {
    const key = keyOf(event);
    const begun = this.inFlight.get(key);
    this.inFlight.delete(key);
    this.ended[this.next] = { seq, view: endedView(event, begun?.at ?? event.at - event.durationMs) };
    this.next = (this.next + 1) % TOLD;
  }

  /** Nothing is in flight. */
  clear(): void {
    this.inFlight.clear();
  }

  /** What ended after `cursor`, latest first. */
  endedSince(cursor: number): ExecutionView[] {
    return this.ended
      .filter(({ seq }) => seq > cursor)
      .sort((one, other) => other.seq - one.seq)
      .map(({ view }) => view);
  }

  /** Those that have been running for longest. */
  running(now: number): ExecutionView[] {
    const found: ExecutionView[] = [];
    for (const event of this.inFlight.values()) {
      if (found.length === TOLD) break;
      if (now - event.at >= VISIBLE_AFTER_MS) found.push(runningView(event));
    }
    return found;
  }

  private forgetOldest(): void {
    const [oldest] = this.inFlight.keys();
    if (oldest !== undefined) this.inFlight.delete(oldest);
  }
}

const keyOf = ({ task, instanceName, executionId, attempt }: Started | Ended): string =>
  JSON.stringify([task, instanceName, executionId, attempt]);

const runningView = (event: Started): ExecutionView => ({
  ...common(event),
  startedAt: event.at,
  durationMs: null,
  outcome: 'running',
  error: null,
});

const endedView = (event: Ended, startedAt: number): ExecutionView => ({
  ...common(event),
  startedAt,
  durationMs: event.durationMs,
  outcome: event.type === 'task:succeeded' ? 'succeeded' : 'failed',
  error: event.type === 'task:failed' ? shownError(event.error) : null,
});

const common = ({ executionId, attempt, task, instanceName, scheduledAt }: Started | Ended) => ({
  id: `${executionId}#${attempt}`,
  task,
  instance: instanceName,
  attempt,
  scheduledAt,
});

function shownError(error: unknown): string {
  const { name, message } = errorText(error);
  const text = error instanceof Error ? `${name}: ${message}` : message;
  return text.length > LONGEST_ERROR ? `${text.slice(0, LONGEST_ERROR)}…` : text;
}
