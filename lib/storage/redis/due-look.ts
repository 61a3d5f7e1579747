import type { Probe } from '../claim-picks.js';
import type { ClaimableTask } from '../../core/task-repository.js';
import { STATIC_INSTANCE } from '../../core/task-row.js';
import type { Place } from './cells.js';
import { PAUSED } from './controls.js';
import type { Home, Keys } from './keys.js';
import type { Link } from './link.js';
import type { MovedQueues } from './moved-queues.js';
import { partsOf } from '../parts.js';
import { LOOK, TIME } from './scripts.js';

/** Most keys that one script looks at: nobody else is served meanwhile. */
const KEYS_AT_ONCE = 200;

/** A row that can be claimed, and where it is. */
export interface DuePlace extends Place {
  readonly dueAt: number;
}

/** One key to look at: a task's control, or what is due in one of its queues. */
interface Ask {
  readonly task: ClaimableTask;
  readonly tag: string;
  readonly key: string;
  /** Null: the key is the task's control. */
  readonly home: Home | null;
}

/** Looks at what is due for all tasks at once. */
export class DueLook {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
    private readonly moved: MovedQueues,
  ) {}

  /** `given`: the time that decides; null: the server's. A queue that has come to have rows in one more home is looked at again. */
  async look(tasks: readonly ClaimableTask[], limit: number, given: number | null): Promise<Probe<DuePlace>> {
    const found = new Findings();
    const now = await this.run(tasks, limit, given, found);
    const grown = tasks.filter(({ task }) => found.grown.has(task));
    if (grown.length === 0) return found.probe(now);
    const again = new Findings();
    await this.run(tasks, limit, now, again);
    return again.probe(now);
  }

  /** The time of the server; in a cluster, of one node for all. */
  async askTime(): Promise<number> {
    return Number(await this.link.trip(() => this.link.script(TIME, [this.keys.format], [])));
  }

  private async run(
    tasks: readonly ClaimableTask[],
    limit: number,
    given: number | null,
    found: Findings,
  ): Promise<number> {
    const asks = tasks.flatMap((task) => this.asksOf(task));
    const isServersTime =
      given === null && !this.link.isCluster && asks.length > 0 && asks.length <= KEYS_AT_ONCE;
    const now = isServersTime ? null : (given ?? (await this.askTime()));
    const [first] = await this.link.trip(() =>
      Promise.all(this.parts(asks).map((part) => this.lookAt(part, limit, now, found))),
    );
    return now ?? first ?? 0;
  }

  private asksOf(task: ClaimableTask): Ask[] {
    const { isStatic, queues } = task;
    const control = {
      task,
      tag: this.keys.home(task.task, task.task).tag,
      key: this.keys.control(task.task),
      home: null,
    };
    const due = queues.flatMap((queue) =>
      this.moved
        .homesOf(task.task, queue)
        .map((home): Ask => ({ task, tag: home.tag, key: home.due(queue, isStatic), home })),
    );
    return isStatic ? due : [control, ...due];
  }

  /** In a cluster a script's keys have to be in one slot. */
  private parts(asks: readonly Ask[]): (readonly Ask[])[] {
    if (!this.link.isCluster) return [...partsOf(asks, KEYS_AT_ONCE)];
    const byTag = new Map<string, Ask[]>();
    for (const ask of asks) byTag.set(ask.tag, [...(byTag.get(ask.tag) ?? []), ask]);
    return [...byTag.values()];
  }

  /** Answers the time that decided. */
  private async lookAt(
    asks: readonly Ask[],
    limit: number,
    now: number | null,
    found: Findings,
  ): Promise<number> {
    const controls = asks.filter(({ home }) => home === null);
    const dues = asks.flatMap((ask) => (ask.home === null ? [] : [{ ...ask, home: ask.home }]));
    const limits = dues.map(({ task }) => Math.min(limit, task.limit) + 1);
    const keys = [...controls, ...dues].map(({ key }) => key);
    const moment = now === null ? '' : Math.trunc(now);
    const answer = await this.link.script(LOOK, keys, [moment, controls.length, ...limits]);
    const [at, ...lists]: readonly unknown[] = Array.isArray(answer) ? answer : [];
    controls.forEach(({ task: { task } }, index) => {
      const fields = lists[index];
      if (Array.isArray(fields) && fields.includes(PAUSED)) found.paused.add(task);
      if (this.moved.learn(task, fields)) found.grown.add(task);
    });
    dues.forEach(({ task, home }, index) => {
      found.add(task, home, lists[controls.length + 2 * index], lists[controls.length + 2 * index + 1]);
    });
    return Number(at);
  }
}

/** What was found for each task; whether a template is paused may be known last. */
class Findings {
  readonly paused = new Set<string>();
  /** Tasks whose queues have come to have rows in more homes than were looked at. */
  readonly grown = new Set<string>();
  private readonly due: DuePlace[] = [];
  private readonly next: { readonly task: string; readonly at: number }[] = [];

  add({ task, isStatic }: ClaimableTask, home: Home, due: unknown, next: unknown): void {
    for (const [instance, dueAt] of scored(due))
      this.due.push({ task, instance: isStatic ? STATIC_INSTANCE : instance, dueAt, home });
    for (const [, at] of scored(next)) this.next.push({ task, at });
  }

  probe(now: number): Probe<DuePlace> {
    const isActive = ({ task }: { readonly task: string }): boolean => !this.paused.has(task);
    const next = Math.min(...this.next.filter(isActive).map(({ at }) => at));
    return { due: this.due.filter(isActive), nextDueAt: Number.isFinite(next) ? next : null, now };
  }
}

/** Members and their scores, as sorted sets answer them. */
function* scored(list: unknown): Generator<readonly [string, number]> {
  if (!Array.isArray(list)) return;
  for (let index = 0; index < list.length; index += 2) yield [String(list[index]), Number(list[index + 1])];
}
