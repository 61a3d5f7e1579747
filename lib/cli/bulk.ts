import type { TaskRow } from '../core/task-row.js';
import type { Invocation } from './arguments.js';
import { EXIT } from './failures.js';
import { ProgressBar } from './progress-bar.js';
import { type Selection, filterOf, pagesOf } from './rows.js';
import type { Store } from './store.js';
import type { Terminal } from './terminal.js';

/** Something that is done to many rows. */
export interface BulkWork {
  /** `Unschedule`, for the question; `Unscheduled`, for the answer. */
  readonly verb: string;
  readonly past: string;
  /** Does it to some; answers to how many it was done. */
  change(rows: readonly TaskRow[]): Promise<number>;
}

/** Counts what is meant, asks, and does it page by page. Answers the exit code. */
export async function changeMany(
  { repository }: Store,
  selection: Selection,
  work: BulkWork,
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const total = await count(repository, selection, terminal);
  const what = `${total.toLocaleString('en')} ${total === 1 ? 'instance' : 'instances'} of ${selection.task}${described(selection)}`;
  const isSure = invocation.has('yes') || total === 0 || (await terminal.confirms(`${work.verb} ${what}?`));
  if (!isSure) {
    terminal.note('Nothing was changed.');
    return EXIT.failed;
  }
  const progress = new ProgressBar(terminal.notes, work.past, total);
  let done = 0;
  let changed = 0;
  for await (const page of pagesOf(repository, selection)) {
    changed += await work.change(page.map(({ row }) => row));
    progress.show((done += page.length));
  }
  progress.end();
  if (invocation.has('json')) terminal.json({ ...selection, matched: done, changed });
  else terminal.line(`${work.past} ${changed.toLocaleString('en')} of ${what}.`);
  return EXIT.ok;
}

async function count(
  repository: Store['repository'],
  selection: Selection,
  terminal: Terminal,
): Promise<number> {
  const counted = await repository.count?.(filterOf(selection));
  if (counted !== undefined) return counted;
  const progress = new ProgressBar(terminal.notes, 'Counting', null);
  let total = 0;
  for await (const page of pagesOf(repository, selection)) progress.show((total += page.length));
  progress.clear();
  return total;
}

function described({ state, prefix }: Selection): string {
  const names = prefix === null ? '' : ` whose names begin with '${prefix}'`;
  return `${state === null ? '' : ` that are ${state}`}${state !== null && names !== '' ? ',' : ''}${names}`;
}
