import type { RowState } from '../../core/row-state.js';
import type { ListedRow } from '../../core/task-repository.js';
import { STATIC_INSTANCE } from '../../core/task-row.js';
import type { Invocation } from '../arguments.js';
import { type TaskCount, rowsOf, takeCensus } from '../census.js';
import { EXIT, UsageError } from '../failures.js';
import { errorText, instanceJson, instanceOf, paintState, scheduleText } from '../instance-view.js';
import { Moments, iso } from '../moments.js';
import { PAGE_SIZE, kindOf, pagesOf, unknownTask } from '../rows.js';
import { type Store, withStore } from '../store.js';
import { type Column, writeTable } from '../table.js';
import type { Terminal } from '../terminal.js';

const DEFAULT_LIMIT = 50;

export function list(invocation: Invocation, terminal: Terminal): Promise<number> {
  const [task] = invocation.positionals;
  const { state } = invocation;
  const limit = invocation.count('limit', DEFAULT_LIMIT);
  if (task === undefined) {
    for (const name of ['prefix', 'after'] as const)
      if (invocation.has(name)) throw new UsageError(`--${name} is for the instances of a task: list TASK`);
    return withStore(invocation, terminal, (store) => listTasks(store, state, invocation, terminal));
  }
  return withStore(invocation, terminal, (store) => listInstances(store, task, limit, invocation, terminal));
}

async function listTasks(
  store: Store,
  state: RowState | null,
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const now = store.repository.now();
  const { counts } = await takeCensus(store, terminal, now);
  const tasks = counts.filter(({ states }) => state === null || states[state] > 0);
  if (invocation.has('json')) {
    terminal.json({ tasks: tasks.map(taskJson) });
    return EXIT.ok;
  }
  if (tasks.length === 0)
    terminal.note(state === null ? 'There are no tasks here yet.' : `Nothing is ${state}.`);
  else writeTable(terminal, taskColumns(terminal, new Moments(now, invocation.has('utc'))), tasks);
  return EXIT.ok;
}

const taskJson = (count: TaskCount): object => ({
  task: count.task,
  kind: count.isStatic ? 'static' : 'template',
  isPaused: count.isTemplatePaused,
  rows: rowsOf(count),
  ...count.states,
  due: count.overdue,
  nextAt: iso(count.nextAt),
});

function taskColumns(terminal: Terminal, moments: Moments): readonly Column<TaskCount>[] {
  const stateColumn = (state: RowState): Column<TaskCount> => ({
    title: state.toUpperCase(),
    align: 'right',
    text: ({ states }) => states[state].toLocaleString('en'),
    paint: (cell, { states }) =>
      states[state] > 0 ? paintState(terminal, state, cell) : terminal.paint('dim', cell),
  });
  return [
    { title: 'TASK', text: ({ task }) => task },
    {
      title: 'KIND',
      text: ({ isStatic, isTemplatePaused }) =>
        isStatic ? 'static' : `template${isTemplatePaused ? ', paused' : ''}`,
    },
    ...(['scheduled', 'running', 'paused', 'parked'] as const).map(stateColumn),
    { title: `NEXT (${moments.zone})`, text: ({ nextAt }) => moments.withDistance(nextAt) },
  ];
}

async function listInstances(
  { repository }: Store,
  task: string,
  limit: number,
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const kind = await kindOf(repository, task);
  if (kind === 'unknown') throw await unknownTask(repository, task);
  const { state } = invocation;
  const found: ListedRow[] = [];
  if (kind === 'static') {
    const [row] = await repository.find([{ task, instance: STATIC_INSTANCE }]);
    if (row && (state === null || row.state === state)) found.push(row);
  } else {
    const selection = { task, state, prefix: invocation.text('prefix') };
    for await (const page of pagesOf(
      repository,
      selection,
      invocation.text('after'),
      Math.min(limit + 1, PAGE_SIZE),
    )) {
      found.push(...page);
      if (found.length > limit) break;
    }
  }
  const shown = found.slice(0, limit);
  const after = found.length > limit ? (shown.at(-1)?.row.instance ?? null) : null;
  if (invocation.has('json'))
    terminal.json({
      task,
      instances: shown.map((one) => instanceJson(one, !invocation.has('no-args'))),
      after,
    });
  else writeInstances(terminal, shown, new Moments(repository.now(), invocation.has('utc')));
  if (after !== null && !invocation.has('json'))
    terminal.note(`There are more: --after ${quoted(after)} goes on, --limit shows more at a time.`);
  return EXIT.ok;
}

function writeInstances(terminal: Terminal, rows: readonly ListedRow[], moments: Moments): void {
  if (rows.length === 0) return terminal.note('There are none.');
  const hasErrors = rows.some(({ row }) => row.lastError !== null);
  const columns: Column<ListedRow>[] = [
    { title: 'INSTANCE', text: (one) => instanceOf(one).instanceName ?? '(static)' },
    {
      title: 'STATE',
      text: ({ state }) => state,
      paint: (cell, { state }) => paintState(terminal, state, cell),
    },
    { title: `NEXT (${moments.zone})`, text: ({ row }) => moments.withDistance(row.scheduledAt) },
    { title: 'TRY', align: 'right', text: ({ row }) => String(row.attempt) },
    { title: 'SCHEDULE', text: (one) => scheduleText(instanceOf(one).schedule, moments) },
    ...(hasErrors ? [{ title: 'LAST ERROR', text: (one: ListedRow) => errorText(instanceOf(one)) }] : []),
  ];
  writeTable(terminal, columns, rows);
}

/** As a shell takes it. */
const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
