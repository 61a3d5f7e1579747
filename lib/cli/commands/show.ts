import type { ListedRow } from '../../core/task-repository.js';
import { canonicalName } from '../../core/task.js';
import { STATIC_INSTANCE, type TaskRow } from '../../core/task-row.js';
import { readSchedule } from '../../core/task-spec.js';
import type { Invocation } from '../arguments.js';
import { printable } from '../display-width.js';
import { EXIT } from '../failures.js';
import { instanceJson, instanceOf, paintState, scheduleText } from '../instance-view.js';
import { Moments, iso } from '../moments.js';
import { targetRow } from '../rows.js';
import { withStore } from '../store.js';
import type { Terminal } from '../terminal.js';

const RUNS_SHOWN = 10;

export function show(invocation: Invocation, terminal: Terminal): Promise<number> {
  const [task = '', instance] = invocation.positionals;
  const hasArgs = !invocation.has('no-args');
  return withStore(invocation, terminal, async ({ repository }) => {
    const listed = await targetRow(repository, 'show', task, instance);
    const isTemplatePaused =
      listed.row.instance !== STATIC_INSTANCE && (await repository.isTemplatePaused(task));
    const now = repository.now();
    const runs = nextRuns(listed.row, now);
    if (invocation.has('json'))
      terminal.json({ ...instanceJson(listed, hasArgs), isTemplatePaused, nextRuns: runs.map(iso) });
    else
      writeInstance(
        terminal,
        listed,
        runs,
        isTemplatePaused,
        hasArgs,
        new Moments(now, invocation.has('utc')),
      );
    return EXIT.ok;
  });
}

/** The next occurrences: the one that is due first, then those that lie ahead. Nothing where the schedule cannot be read. */
export function nextRuns(row: TaskRow, now: number): readonly number[] {
  const runs: number[] = [];
  try {
    const { occurrences } = readSchedule(row);
    for (let at = row.scheduledAt; at !== null && runs.length < RUNS_SHOWN; at = occurrences.next(at, now))
      runs.push(at);
  } catch {
    // What can be computed is shown.
  }
  return runs;
}

function writeInstance(
  terminal: Terminal,
  listed: ListedRow,
  runs: readonly number[],
  isTemplatePaused: boolean,
  hasArgs: boolean,
  moments: Moments,
): void {
  const { row } = listed;
  const stored = instanceOf(listed);
  const field = (title: string, ...texts: readonly string[]): void =>
    texts.forEach((text, index) =>
      terminal.line(`  ${terminal.paint('dim', (index === 0 ? title : '').padEnd(12))} ${text}`),
    );
  const moment = (at: number): readonly string[] => {
    const [first = '', ...rest] = moments.inBoth(
      at,
      zoneFor(stored.timezone, moments, stored.schedule?.kind),
    );
    return [`${first}  ${moments.relative(at)}`, ...rest];
  };
  terminal.line(terminal.paint('bold', printable(canonicalName(row.task, stored.instanceName))));
  field('state', stateText(terminal, listed, isTemplatePaused));
  field('schedule', printable(scheduleText(stored.schedule, moments)));
  if (row.scheduledAt !== null) field('scheduled', ...moment(row.scheduledAt));
  if (row.dueAt !== null && row.dueAt !== row.scheduledAt) field('due', ...moment(row.dueAt));
  if (row.jitterMs > 0) field('jitter', `${row.jitterMs} ms`);
  if (row.queued !== null) field('triggered', ...moment(row.queued.at));
  field('attempt', String(row.attempt));
  if (row.executionId !== null) field('execution', row.executionId);
  if (row.lockedUntil !== null) field('lease until', ...moment(row.lockedUntil));
  if (row.leaseToken !== null) field('lease of', printable(row.lockedBy ?? 'a process without a name'));
  if (row.queue !== row.task) field('queue', printable(row.queue));
  if (stored.lastError !== null) {
    field('last error', ...moment(stored.lastError.at).slice(0, 1));
    field(
      '',
      ...`${stored.lastError.name}: ${stored.lastError.message}`
        .split('\n')
        .map((line) => terminal.paint('red', printable(line))),
    );
  }
  if (hasArgs) field('args', ...JSON.stringify(stored.args, null, 2).split('\n').map(printable));
  writeRuns(terminal, runs, stored.timezone, stored.schedule?.kind, moments);
}

function stateText(terminal: Terminal, { row, state }: ListedRow, isTemplatePaused: boolean): string {
  const isByTemplate = isTemplatePaused && row.hold === null;
  return paintState(terminal, state, state) + (isByTemplate ? ', with its whole template' : '');
}

/** Only cron schedules, and moments given in a zone, have one of their own. */
const zoneFor = (timezone: string, moments: Moments, kind: string | undefined): string =>
  kind === 'cron' || timezone !== 'UTC' ? timezone : moments.zone;

function writeRuns(
  terminal: Terminal,
  runs: readonly number[],
  timezone: string,
  kind: string | undefined,
  moments: Moments,
): void {
  if (runs.length === 0) return;
  terminal.line(`\n${terminal.paint('bold', runs.length === 1 ? 'Next run' : `Next ${runs.length} runs`)}`);
  const zone = zoneFor(timezone, moments, kind);
  for (const at of runs) terminal.line(`  ${moments.inBoth(at, zone).join('   ')}   ${moments.relative(at)}`);
}
