import type { ClaimableTask } from '../../core/task-repository.js';
import { STATIC_INSTANCE } from '../../core/task-row.js';
import type { Probe } from '../claim-picks.js';
import type { Place } from './cells.js';
import type { Home } from './keys.js';

/** A row that can be claimed, and where it is. */
export interface DuePlace extends Place {
  readonly dueAt: number;
  /** The key of the queue in which it was found. */
  readonly queueKey: string;
}

/** What is due in one queue of a task, within one home. */
interface Found {
  readonly task: ClaimableTask;
  readonly due: readonly DuePlace[];
  /** When the next row there can be claimed, of those that cannot be now. */
  readonly nextAt: number | null;
}

/** What a look has found; whether a template is paused may be known last. */
export class DueFindings {
  readonly paused = new Set<string>();
  /** Tasks whose queues have come to have rows in more homes than were looked at. */
  readonly grown = new Set<string>();
  /** By key: one that is asked again is found anew. */
  private readonly found = new Map<string, Found>();
  private readonly counts = new Map<ClaimableTask, number>();

  add(key: string, task: ClaimableTask, home: Home, due: unknown, next: unknown): void {
    const places = [...scored(due)].map(([instance, dueAt]) => ({
      task: task.task,
      instance: task.isStatic ? STATIC_INSTANCE : instance,
      dueAt,
      home,
      queueKey: key,
    }));
    const [first] = [...scored(next)];
    this.counts.set(task, this.countOf(task) + places.length - this.countIn(key));
    this.found.set(key, { task, due: places, nextAt: first?.[1] ?? null });
  }

  countIn(key: string): number {
    return this.found.get(key)?.due.length ?? 0;
  }

  countOf(task: ClaimableTask): number {
    return this.counts.get(task) ?? 0;
  }

  probe(now: number): Probe<DuePlace> {
    const active = [...this.found.values()].filter(({ task }) => !this.paused.has(task.task));
    const next = Math.min(...active.map(({ nextAt }) => nextAt ?? Number.POSITIVE_INFINITY));
    return {
      due: active.flatMap(({ due }) => due),
      nextDueAt: Number.isFinite(next) ? next : null,
      now,
    };
  }
}

/** Members and their scores, as sorted sets answer them. */
function* scored(list: unknown): Generator<readonly [string, number]> {
  if (!Array.isArray(list)) return;
  for (let index = 0; index < list.length; index += 2) yield [String(list[index]), Number(list[index + 1])];
}
