import { placeFromNow } from '../../engine/place-from-now.js';
import { resumeTemplate } from '../../engine/template-resumption.js';
import type { Invocation } from '../arguments.js';
import { changeMany } from '../bulk.js';
import { changeOne } from '../change-one.js';
import { changeTemplate } from '../change-template.js';
import { UsageError } from '../failures.js';
import { Moments } from '../moments.js';
import { ProgressBar } from '../progress-bar.js';
import { kindOf, unknownTask } from '../rows.js';
import { type Store, withStore } from '../store.js';
import type { Terminal } from '../terminal.js';

type From = 'schedule' | 'now';

export function resume(invocation: Invocation, terminal: Terminal): Promise<number> {
  const from = invocation.oneOf('from', ['schedule', 'now']) ?? 'schedule';
  if (invocation.has('all')) return resumeAll(invocation, terminal, from);
  if (invocation.has('state') || invocation.has('prefix')) return resumeMany(invocation, terminal, from);
  let now = 0;
  return changeOne(invocation, terminal, {
    change: ({ repository }, key) => {
      now = repository.now();
      return repository.resume([{ ...key, from, place: placeFromNow }]);
    },
    said: ({ state, row: { dueAt } }) => {
      if (state === 'paused') return 'stays paused with its template: resume --all ends that';
      const next =
        dueAt === null || dueAt <= now
          ? 'it is due now'
          : `next ${new Moments(now, invocation.has('utc')).full(dueAt)}`;
      return `goes on; ${next}`;
    },
  });
}

function resumeAll(invocation: Invocation, terminal: Terminal, from: From): Promise<number> {
  for (const name of ['state', 'prefix'] as const)
    if (invocation.has(name)) throw new UsageError(`give --all or --${name}, but not both`);
  return changeTemplate(invocation, terminal, false, async ({ repository }, task) => {
    const progress = new ProgressBar(terminal.notes, 'Placed anew', null);
    await resumeTemplate(
      task,
      from,
      (_, use) => use(repository),
      (done) => progress.show(done),
    );
    progress.end();
  });
}

function resumeMany(invocation: Invocation, terminal: Terminal, from: From): Promise<number> {
  const [task = '', instance] = invocation.positionals;
  const { state } = invocation;
  if (instance !== undefined) throw new UsageError('give an instance, or --state, but not both');
  if (state !== 'parked' && state !== 'paused')
    throw new UsageError('--state has to be parked or paused: nothing else can be resumed');
  return withStore(invocation, terminal, async (store: Store) => {
    const { repository } = store;
    if ((await kindOf(repository, task)) === 'unknown') throw await unknownTask(repository, task);
    const work = {
      verb: 'Resume',
      past: 'Resumed',
      change: async (rows: readonly { task: string; instance: string; hold: unknown }[]) => {
        const held = rows.filter(({ hold }) => hold === state);
        const resumed = await repository.resume(
          held.map((row) => ({ task: row.task, instance: row.instance, from, place: placeFromNow })),
        );
        return resumed.filter((row) => row !== null).length;
      },
    };
    return changeMany(store, { task, state, prefix: invocation.text('prefix') }, work, invocation, terminal);
  });
}
