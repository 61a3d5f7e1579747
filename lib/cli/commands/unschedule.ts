import { canonicalName } from '../../core/task.js';
import { type RowKey, STATIC_INSTANCE } from '../../core/task-row.js';
import type { Invocation } from '../arguments.js';
import { changeMany } from '../bulk.js';
import { printable } from '../display-width.js';
import { EXIT, UsageError } from '../failures.js';
import { kindOf, targetRow, unknownTask } from '../rows.js';
import { type Store, withStore } from '../store.js';
import type { Terminal } from '../terminal.js';

export function unschedule(invocation: Invocation, terminal: Terminal): Promise<number> {
  const [task = '', instance] = invocation.positionals;
  const { state } = invocation;
  const prefix = invocation.text('prefix');
  const isAll = invocation.has('all');
  const isMany = isAll || state !== null || prefix !== null;
  if (isMany === (instance !== undefined))
    throw new UsageError('unschedule needs the name of an instance, or else --prefix, --state or --all');
  if (isAll && (state !== null || prefix !== null))
    throw new UsageError('--all is every row of the task: leave --prefix and --state out');
  return withStore(invocation, terminal, async (store) => {
    if (instance !== undefined) return unscheduleOne(store, task, instance, invocation, terminal);
    const kind = await kindOf(store.repository, task);
    if (kind === 'unknown') throw await unknownTask(store.repository, task);
    if (kind === 'static') return unscheduleStatic(store, task, invocation, terminal);
    const work = {
      verb: 'Unschedule',
      past: 'Unscheduled',
      change: async (keys: readonly RowKey[]) =>
        (await store.repository.unregister(keys)).filter((existed) => existed).length,
    };
    return changeMany(store, { task, state, prefix }, work, invocation, terminal);
  });
}

async function unscheduleOne(
  { repository }: Store,
  task: string,
  instance: string,
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  await targetRow(repository, 'unschedule', task, instance);
  const [existed = false] = await repository.unregister([{ task, instance }]);
  if (invocation.has('json')) terminal.json({ task, instance, existed });
  else terminal.line(`${printable(canonicalName(task, instance))} is unscheduled.`);
  return EXIT.ok;
}

/** What a static task's code has put here, its code has to take away; but it may be gone. */
async function unscheduleStatic(
  { repository }: Store,
  task: string,
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  if (!invocation.has('all'))
    throw new UsageError(
      `${task} is a static task, and has no instances: pause it, or give --all if its code is gone`,
    );
  const question = `Remove ${printable(task)}, a static task? A process that still has it brings it back at its next start.`;
  if (!invocation.has('yes') && !(await terminal.confirms(question))) {
    terminal.note('Nothing was changed.');
    return EXIT.failed;
  }
  const [existed = false] = await repository.unregister([{ task, instance: STATIC_INSTANCE }]);
  if (invocation.has('json'))
    terminal.json({ task, state: null, prefix: null, matched: 1, changed: existed ? 1 : 0 });
  else terminal.line(`${printable(task)} is removed.`);
  return EXIT.ok;
}
