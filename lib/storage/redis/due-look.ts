import type { Probe } from '../claim-picks.js';
import type { ClaimableTask } from '../../core/task-repository.js';
import { PAUSED } from './controls.js';
import { DueFindings, type DuePlace } from './due-findings.js';
import type { Home, Keys } from './keys.js';
import type { Link } from './link.js';
import type { MovedQueues } from './moved-queues.js';
import { LOOK, TIME } from './scripts.js';

/** Most keys that one script looks at, and most rows it names unless one queue is to name more: nobody else is served meanwhile. */
const KEYS_AT_ONCE = 200;
const ROWS_AT_ONCE = 5_000;

/** How many times its even share of the rows each queue is asked for at first. */
const OVER_SHARE = 2;
/** How many times as many when it had all of these, and the others had not enough. */
const DEEPER = 4;

/** One key to look at: a task's control, or what is due in one of its queues. */
interface Ask {
  readonly task: ClaimableTask;
  readonly tag: string;
  readonly key: string;
  /** Null: the key is the task's control. */
  readonly home: Home | null;
  /** How many rows. */
  readonly most: number;
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
    const found = new DueFindings();
    const now = await this.run(tasks, limit, given, found);
    const grown = tasks.filter(({ task }) => found.grown.has(task));
    if (grown.length === 0) return found.probe(now);
    const again = new DueFindings();
    await this.run(tasks, limit, now, again);
    return again.probe(now);
  }

  /** The time of the server; in a cluster, of one node for all. */
  async askTime(): Promise<number> {
    return Number(await this.link.trip(() => this.link.script(TIME, [this.keys.format], [])));
  }

  /** Once, and again only where a few of a task's many queues have most of what is due. */
  private async run(
    tasks: readonly ClaimableTask[],
    limit: number,
    given: number | null,
    found: DueFindings,
  ): Promise<number> {
    const wanted = (task: ClaimableTask): number => Math.min(limit, task.limit) + 1;
    let asks = tasks.flatMap((task) => this.asksOf(task, wanted(task)));
    const now = await this.ask(asks, given, found);
    const isCutShort = ({ task, key, home, most }: Ask): boolean =>
      home !== null &&
      most < wanted(task) &&
      found.countIn(key) >= most &&
      found.countOf(task) < wanted(task);
    for (;;) {
      asks = asks.filter(isCutShort).map((ask) => deeper(ask, wanted(ask.task)));
      if (asks.length === 0) return now;
      await this.ask(asks, now, found);
    }
  }

  private async ask(asks: readonly Ask[], given: number | null, found: DueFindings): Promise<number> {
    const parts = this.partsOf(asks);
    const isServersTime = given === null && !this.link.isCluster && parts.length === 1;
    const now = isServersTime ? null : (given ?? (await this.askTime()));
    const [first] = await this.link.trip(() =>
      Promise.all(parts.map((part) => this.lookAt(part, now, found))),
    );
    return now ?? first ?? 0;
  }

  private asksOf(task: ClaimableTask, wanted: number): Ask[] {
    const { isStatic, queues } = task;
    const places = queues.flatMap((queue) =>
      this.moved.homesOf(task.task, queue).map((home) => ({ home, key: home.due(queue, isStatic) })),
    );
    const most = Math.min(wanted, Math.ceil(wanted / places.length) * OVER_SHARE);
    const due = places.map(({ home, key }): Ask => ({ task, tag: home.tag, key, home, most }));
    const { tag } = this.keys.home(task.task, task.task);
    const control = { task, tag, key: this.keys.control(task.task), home: null, most: 0 };
    return isStatic ? due : [control, ...due];
  }

  /** In a cluster a script's keys have to be in one slot. */
  private partsOf(asks: readonly Ask[]): (readonly Ask[])[] {
    if (!this.link.isCluster) return boundedParts(asks);
    const byTag = new Map<string, Ask[]>();
    for (const ask of asks) {
      const some = byTag.get(ask.tag);
      if (some === undefined) byTag.set(ask.tag, [ask]);
      else some.push(ask);
    }
    return [...byTag.values()].flatMap(boundedParts);
  }

  /** Answers the time that decided. */
  private async lookAt(asks: readonly Ask[], now: number | null, found: DueFindings): Promise<number> {
    const controls = asks.filter(({ home }) => home === null);
    const dues = asks.flatMap((ask) => (ask.home === null ? [] : [{ ...ask, home: ask.home }]));
    const keys = [...controls, ...dues].map(({ key }) => key);
    const moment = now === null ? '' : Math.trunc(now);
    const limits = dues.map(({ most }) => most);
    const answer = await this.link.script(LOOK, keys, [moment, controls.length, ...limits]);
    const [at, ...lists]: readonly unknown[] = Array.isArray(answer) ? answer : [];
    controls.forEach(({ task: { task } }, index) => {
      const fields = lists[index];
      if (Array.isArray(fields) && fields.includes(PAUSED)) found.paused.add(task);
      if (this.moved.learn(task, fields)) found.grown.add(task);
    });
    dues.forEach(({ task, home, key }, index) => {
      const place = controls.length + 2 * index;
      found.add(key, task, home, lists[place], lists[place + 1]);
    });
    return Number(at);
  }
}

const deeper = (ask: Ask, wanted: number): Ask => ({ ...ask, most: Math.min(wanted, ask.most * DEEPER) });

/** What one script may look at, each. */
function boundedParts(asks: readonly Ask[]): (readonly Ask[])[] {
  const parts: Ask[][] = [];
  let rows = 0;
  for (const ask of asks) {
    const part = parts.at(-1);
    rows += ask.most + 1;
    if (part !== undefined && part.length < KEYS_AT_ONCE && rows <= ROWS_AT_ONCE) part.push(ask);
    else {
      parts.push([ask]);
      rows = ask.most + 1;
    }
  }
  return parts;
}
