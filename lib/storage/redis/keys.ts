/** Where rows of one queue live: all its keys are in one slot of a cluster. A row never leaves the home it was born in. */
export interface Home {
  readonly task: string;
  /** The queue of the rows that are born here. They may come to wait in another, when the number of partitions is changed. */
  readonly queue: string;
  /** What decides about the slot. */
  readonly tag: string;
  /** Hash: rows by instance. */
  readonly rows: string;
  /** Sorted set: the instances of a template by name. */
  readonly names: string;
  /** Sorted set: the executions that the history remembers, by when they ended. */
  readonly ended: string;
  /** Sorted set: what it remembers of each, by instance. */
  readonly history: string;
  /** Sorted set: a queue's rows by when they can be claimed; a static task's row is apart from the instances of a template. */
  due(queue: string, isStatic: boolean): string;
}

/** The names of all keys. */
export class Keys {
  /** By task, then by queue. */
  private readonly homes = new Map<string, Map<string, Home>>();

  constructor(private readonly namespace: string) {}

  /** String: the version of how things are kept here. Its node is the one whose time counts. */
  get format(): string {
    return `{${this.namespace}}:format`;
  }

  /** Set: tasks that have, or had, rows here. */
  get tasks(): string {
    return `{${this.namespace}}:tasks`;
  }

  /** Not a key: where processes tell each other what becomes due. */
  get channel(): string {
    return `{${this.namespace}}:due`;
  }

  /** Hash: whether a template is paused, and which queues have rows outside of their own homes. */
  control(task: string): string {
    return `${this.tag(task, task)}:control`;
  }

  /** Set: the queues of a task that have, or had, rows. */
  queues(task: string): string {
    return `${this.tag(task, task)}:queues`;
  }

  home(task: string, queue: string): Home {
    let homes = this.homes.get(task);
    if (homes === undefined) this.homes.set(task, (homes = new Map()));
    let home = homes.get(queue);
    if (home === undefined) homes.set(queue, (home = this.build(task, queue)));
    return home;
  }

  private build(task: string, queue: string): Home {
    const tag = this.tag(task, queue);
    const fixed = `${tag}:static`;
    const queues = new Map<string, string>();
    const due = (other: string, isStatic: boolean): string => {
      if (isStatic) return fixed;
      let key = queues.get(other);
      if (key === undefined) queues.set(other, (key = `${tag}:due:${escaped(other)}`));
      return key;
    };
    return {
      task,
      queue,
      tag,
      rows: `${tag}:rows`,
      names: `${tag}:names`,
      ended: `${tag}:ended`,
      history: `${tag}:history`,
      due,
    };
  }

  private tag(task: string, queue: string): string {
    const name = escaped(task);
    if (queue === task) return `{${this.namespace}:${name}}`;
    const prefix = `${task}#`;
    const rest = queue.startsWith(prefix) ? `#${escaped(queue.slice(prefix.length))}` : `:${escaped(queue)}`;
    return `{${this.namespace}:${name}${rest}}`;
  }
}

/** Nothing in a name is taken for a brace of ours, or for what stands between names. */
const escaped = (name: string): string =>
  name.replace(
    /[%{}:#]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
