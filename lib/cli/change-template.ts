import type { Invocation } from './arguments.js';
import { EXIT, UsageError } from './failures.js';
import { printable } from './display-width.js';
import { kindOf, unknownTask } from './rows.js';
import { type Store, withStore } from './store.js';
import type { Terminal } from './terminal.js';

/** Pauses or resumes a template as a whole, or a static task: its one row is all there is of it. */
export function changeTemplate(
  invocation: Invocation,
  terminal: Terminal,
  isPaused: boolean,
  change: (store: Store, task: string) => Promise<void>,
): Promise<number> {
  const [task = '', instance] = invocation.positionals;
  if (instance !== undefined) throw new UsageError('give an instance, or --all, but not both');
  return withStore(invocation, terminal, async (store) => {
    const { repository } = store;
    const kind = await kindOf(repository, task);
    if (kind === 'static')
      throw new UsageError(`${task} is a static task: leave --all out, for it has one row only`);
    // One that has no instance yet may be meant, or a name that is misspelt.
    if (kind === 'unknown' && !invocation.has('yes')) {
      const { message } = await unknownTask(repository, task);
      throw new UsageError(`${message}. If it is a template without instances, give --yes`);
    }
    await change(store, task);
    if (invocation.has('json')) terminal.json({ task, isPaused });
    else
      terminal.line(
        `${printable(task)} ${isPaused ? 'is paused, with all its instances, those scheduled later too' : 'goes on'}.`,
      );
    return EXIT.ok;
  });
}
