import type { ListedRow } from '../../core/task-repository.js';
import { STATIC_INSTANCE } from '../../core/task-row.js';
import type { Invocation } from '../arguments.js';
import { takeCensus } from '../census.js';
import { EXIT } from '../failures.js';
import { errorText, instanceJson, instanceOf } from '../instance-view.js';
import { Moments } from '../moments.js';
import { PAGE_SIZE, kindOf, pagesOf, unknownTask } from '../rows.js';
import { type Store, withStore } from '../store.js';
import { writeTable } from '../table.js';
import type { Terminal } from '../terminal.js';

const DEFAULT_LIMIT = 50;

export function parked(invocation: Invocation, terminal: Terminal): Promise<number> {
  const [task] = invocation.positionals;
  const limit = invocation.count('limit', DEFAULT_LIMIT);
  return withStore(invocation, terminal, async (store) => {
    const tasks = await tasksAsked(store, task, terminal);
    const found: ListedRow[] = [];
    for (const one of tasks) {
      if (found.length > limit) break;
      found.push(...(await parkedOf(store, one, limit + 1 - found.length)));
    }
    const shown = found.slice(0, limit);
    const hasMore = found.length > limit;
    if (invocation.has('json'))
      terminal.json({ parked: shown.map((row) => instanceJson(row, !invocation.has('no-args'))), hasMore });
    else writeParked(terminal, shown, hasMore, new Moments(store.repository.now(), invocation.has('utc')));
    return EXIT.ok;
  });
}

async function tasksAsked(
  store: Store,
  task: string | undefined,
  terminal: Terminal,
): Promise<readonly string[]> {
  if (task === undefined) {
    const { counts } = await takeCensus(store, terminal, 0);
    return counts.filter(({ states }) => states.parked > 0).map((count) => count.task);
  }
  if ((await kindOf(store.repository, task)) === 'unknown') throw await unknownTask(store.repository, task);
  return [task];
}

async function parkedOf({ repository }: Store, task: string, limit: number): Promise<ListedRow[]> {
  const [own] = await repository.find([{ task, instance: STATIC_INSTANCE }]);
  const rows = own?.state === 'parked' ? [own] : [];
  for await (const page of pagesOf(
    repository,
    { task, state: 'parked', prefix: null },
    null,
    Math.min(limit, PAGE_SIZE),
  )) {
    rows.push(...page);
    if (rows.length >= limit) break;
  }
  return rows;
}

function writeParked(
  terminal: Terminal,
  rows: readonly ListedRow[],
  hasMore: boolean,
  moments: Moments,
): void {
  if (rows.length === 0) return terminal.note('Nothing is parked.');
  writeTable(
    terminal,
    [
      { title: 'TASK', text: ({ row }) => row.task },
      { title: 'INSTANCE', text: (one) => instanceOf(one).instanceName ?? '(static)' },
      { title: 'TRIES', align: 'right', text: ({ row }) => String(row.attempt) },
      {
        title: `FAILED (${moments.zone})`,
        text: ({ row }) => moments.withDistance(row.lastError?.at ?? null),
      },
      { title: 'LAST ERROR', text: (one) => errorText(instanceOf(one)) },
    ],
    rows,
  );
  if (hasMore) terminal.note('There are more: --limit shows more, and so does list TASK --state parked.');
}
