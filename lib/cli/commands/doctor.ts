import { toPositiveMilliseconds } from '../../core/duration.js';
import type { Invocation } from '../arguments.js';
import { takeCensus } from '../census.js';
import { printable } from '../display-width.js';
import { type Finding, fail, ok } from '../doctor/finding.js';
import { answerOf } from '../doctor/store-checks.js';
import { tableCondition } from '../doctor/table-checks.js';
import {
  PATIENCE_MS,
  endedLeases,
  overdueWork,
  parkedInstances,
  pausedTemplates,
  unknownTasks,
} from '../doctor/work-checks.js';
import { EXIT, UsageError, reasonOf } from '../failures.js';
import { Moments } from '../moments.js';
import { type Store, withConnection } from '../store.js';
import { masked, storeAddress } from '../store-address.js';
import type { Paint, Terminal } from '../terminal.js';

const CHECKS = [tableCondition, overdueWork, endedLeases, unknownTasks, parkedInstances, pausedTemplates];

const MARKS: Readonly<Record<Finding['level'], readonly [string, Paint]>> = {
  ok: ['ok  ', 'green'],
  warn: ['warn', 'yellow'],
  fail: ['FAIL', 'red'],
};

export async function doctor(invocation: Invocation, terminal: Terminal): Promise<number> {
  const lateMs = lateness(invocation.text('late') ?? '15m');
  const known =
    invocation
      .text('known')
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean) ?? null;
  const findings: Finding[] = [];
  try {
    await withConnection(invocation, terminal, (store) =>
      examine(store, known, lateMs, findings, invocation, terminal),
    );
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { shown } = storeAddress(invocation, terminal);
    findings.push(fail('reachable', reasonOf(error), `see that the store runs, and that ${shown} is right`));
  }
  report(findings, invocation, terminal);
  return findings.some(({ level }) => level === 'fail') ? EXIT.failed : EXIT.ok;
}

function lateness(text: string): number {
  try {
    return toPositiveMilliseconds(text);
  } catch {
    throw new UsageError(`--late is '${text}'; it has to be a duration such as 90s, 15m or 2h`);
  }
}

/** Each answer is kept as it comes: what fails later takes none of them away. */
async function examine(
  store: Store,
  known: readonly string[] | null,
  lateMs: number,
  findings: Finding[],
  invocation: Invocation,
  terminal: Terminal,
): Promise<void> {
  const attempt = async (check: string, work: () => Promise<readonly Finding[]>): Promise<boolean> => {
    try {
      findings.push(...(await work()));
      return true;
    } catch (error) {
      findings.push(
        fail(
          check,
          masked(reasonOf(error), store.address),
          'nothing else can be examined before this is mended',
        ),
      );
      return false;
    }
  };
  if (store.inspection !== null && !(await attempt('reachable', () => answerOf(store)))) return;
  if (!(await attempt(store.inspection === null ? 'reachable' : 'table', () => opened(store)))) return;
  if (store.inspection === null && !(await attempt('reachable', () => answerOf(store)))) return;
  const now = store.repository.now();
  const census = await takeCensus(store, terminal, now - PATIENCE_MS);
  const examination = { store, census, now, lateMs, known, moments: new Moments(now, invocation.has('utc')) };
  for (const check of CHECKS) await attempt('examination', () => check(examination));
}

async function opened(store: Store): Promise<readonly Finding[]> {
  await store.open();
  const version = await store.inspection?.version();
  return store.inspection === null ? [] : [ok('table', `${store.inspection.table.sql}, version ${version}`)];
}

function report(findings: readonly Finding[], invocation: Invocation, terminal: Terminal): void {
  if (invocation.has('json')) {
    terminal.json({ isHealthy: findings.every(({ level }) => level !== 'fail'), findings });
    return;
  }
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { check, level, message, remedy } of findings) {
    const [mark, colour] = MARKS[level];
    terminal.line(`${terminal.paint(colour, mark)}  ${check.padEnd(width)}  ${printable(message)}`);
    if (remedy !== null)
      terminal.line(`${' '.repeat(width + 8)}${terminal.paint('dim', `→ ${printable(remedy)}`)}`);
  }
}
