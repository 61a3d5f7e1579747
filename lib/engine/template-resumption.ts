import type { ListRequest, ListedRow, TaskRepository } from '../core/task-repository.js';
import type { RowKey, TaskRow } from '../core/task-row.js';
import { placeFromNow } from './place-from-now.js';

/** Most rows that go to the store in one statement. */
const STATEMENT_SIZE = 1_000;

/** How the store is asked; an application watches each call. */
type Call = <T>(operation: string, use: (repository: TaskRepository) => Promise<T>) => Promise<T>;

/** Ends the pause of a template. From now: what passed meanwhile is dropped before any of it can be claimed. */
export async function resumeTemplate(
  task: string,
  from: 'schedule' | 'now',
  call: Call,
  onProgress?: (done: number) => void,
): Promise<void> {
  if (from === 'now' && (await call('find', (repository) => repository.isTemplatePaused(task))))
    await placeAllFromNow(task, call, onProgress);
  await call('resume', (repository) => repository.setTemplatePaused(task, false));
}

async function placeAllFromNow(task: string, call: Call, onProgress?: (done: number) => void): Promise<void> {
  let after: string | null = null;
  for (let done = 0; ;) {
    const page: ListRequest = { task, isStatic: false, limit: STATEMENT_SIZE, after, state: null };
    const listed: readonly ListedRow[] = await call('list', (repository) => repository.list(page));
    const free = listed.filter(({ row }) => row.hold === null).map(({ row }) => keyOfRow(row));
    const requests = free.map((key) => ({
      ...key,
      from: 'now' as const,
      place: placeFromNow,
      evenIfFree: true,
    }));
    await call('resume', (repository) => repository.resume(requests));
    onProgress?.((done += listed.length));
    const last = listed.at(-1);
    if (last === undefined || listed.length < STATEMENT_SIZE) return;
    after = last.row.instance;
  }
}

const keyOfRow = ({ task, instance }: TaskRow): RowKey => ({ task, instance });
