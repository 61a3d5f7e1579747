import { canonicalName } from '../core/task.js';
import type { ListedRow } from '../core/task-repository.js';
import type { RowKey, TaskRow } from '../core/task-row.js';
import { instanceNameOf } from '../core/task-spec.js';
import type { Invocation } from './arguments.js';
import { printable } from './display-width.js';
import { CommandFailure, EXIT } from './failures.js';
import { instanceJson } from './instance-view.js';
import { targetRow } from './rows.js';
import { type Store, withStore } from './store.js';
import type { Terminal } from './terminal.js';

/** Something that is done to one instance. */
export interface OneChange {
  change(store: Store, key: RowKey): Promise<readonly (TaskRow | null)[]>;
  /** What is so afterwards, after the name of the instance. */
  said(after: ListedRow): string;
}

/** Does something to the instance that a command names, and says what it is then. */
export function changeOne(
  invocation: Invocation,
  terminal: Terminal,
  { change, said }: OneChange,
): Promise<number> {
  const [task = '', instance] = invocation.positionals;
  return withStore(invocation, terminal, async (store) => {
    const { row } = await targetRow(store.repository, invocation.command.name, task, instance);
    const key = { task: row.task, instance: row.instance };
    const [changed] = await change(store, key);
    const [after] = changed ? await store.repository.find([key]) : [];
    const name = printable(canonicalName(task, instanceNameOf(key)));
    if (!after)
      throw new CommandFailure(`${name} is gone: it was unscheduled, or has run for the last time, just now`);
    if (invocation.has('json')) terminal.json(instanceJson(after, !invocation.has('no-args')));
    else terminal.line(`${name} ${said(after)}.`);
    return EXIT.ok;
  });
}
