import { didYouMean } from '../core/did-you-mean.js';
import type { RowFilter } from '../core/row-requests.js';
import type { RowState } from '../core/row-state.js';
import { canonicalName } from '../core/task.js';
import type { ListedRow, TaskRepository } from '../core/task-repository.js';
import { type RowKey, STATIC_INSTANCE } from '../core/task-row.js';
import { CommandFailure, UsageError } from './failures.js';
import { printable } from './display-width.js';

/** Which instances of a template are meant. */
export interface Selection {
  readonly task: string;
  readonly state: RowState | null;
  readonly prefix: string | null;
}

/** How many rows are fetched at a time. */
export const PAGE_SIZE = 500;

/** The instances of a selection, page by page, in the store's order. */
export async function* pagesOf(
  repository: TaskRepository,
  selection: Selection,
  start: string | null = null,
  limit = PAGE_SIZE,
): AsyncGenerator<readonly ListedRow[]> {
  const filter = filterOf(selection);
  for (let after = start; ;) {
    const page: readonly ListedRow[] = await repository.list({ ...filter, limit, after });
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return;
    after = last.row.instance;
  }
}

/** A selection as repositories take it. */
export const filterOf = ({ task, state, prefix }: Selection): RowFilter => ({
  task,
  isStatic: false,
  state,
  ...(prefix !== null && { namePrefix: prefix }),
});

/** What there is under a name. */
export type Kind = 'static' | 'template' | 'unknown';

export async function kindOf(repository: TaskRepository, task: string): Promise<Kind> {
  const [row] = await repository.find([{ task, instance: STATIC_INSTANCE }]);
  if (row) return 'static';
  const some = await repository.list({ task, isStatic: false, limit: 1, after: null, state: null });
  if (some.length > 0 || (await repository.isTemplatePaused(task))) return 'template';
  return 'unknown';
}

/** The row that a command names. @throws CommandFailure when there is none, UsageError when a template is named alone */
export async function targetRow(
  repository: TaskRepository,
  command: string,
  task: string,
  instance: string | undefined,
): Promise<ListedRow> {
  const key: RowKey = { task, instance: instance ?? STATIC_INSTANCE };
  const [found] = await repository.find([key]);
  if (found) return found;
  const kind = await kindOf(repository, task);
  if (kind === 'unknown') throw await unknownTask(repository, task);
  if (instance === undefined)
    throw new UsageError(
      `${task} is a template: name one of its instances (nestjs-pyncette list ${task})${command === 'pause' || command === 'resume' ? ', or --all' : ''}`,
    );
  if (kind === 'static') throw new UsageError(`${task} is a static task, and has no instances`);
  throw await unknownInstance(repository, task, instance);
}

/** No row of that task. */
export async function unknownTask(repository: TaskRepository, task: string): Promise<CommandFailure> {
  const tasks = (await repository.tasks?.()) ?? [];
  return new CommandFailure(
    `there is no task '${printable(task)}' in this store${didYouMean(task, tasks)}: nestjs-pyncette list shows what there is`,
  );
}

async function unknownInstance(
  repository: TaskRepository,
  task: string,
  instance: string,
): Promise<CommandFailure> {
  const first = await repository.list({ task, isStatic: false, limit: PAGE_SIZE, after: null, state: null });
  const names = first.map(({ row }) => row.instance);
  return new CommandFailure(
    `there is no ${printable(canonicalName(task, instance))} in this store${didYouMean(instance, names)}`,
  );
}
