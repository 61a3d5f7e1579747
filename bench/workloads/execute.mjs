// Executes what is due at once, until the last settlement is stored.
import { profiled } from './profiled.mjs';
import { missing, roll, within } from './roll.mjs';

export const PATIENCE_MS = 90_000;
export const DAYS_30_MS = 30 * 86_400_000;

/** Also rows that are not due, of the same task. Their names come after the others'. */
export async function filled({ contender, server, params: { count, later = 0, isCopied } }) {
  if (later > 0 && !isCopied) await contender.fill(later, { dueInMs: DAYS_30_MS, prefix: 'z' });
  if (count > 0) await contender.fill(count, { dueInMs: 0 });
  await server.settle();
}

export async function run(measurement) {
  const { contender, params } = measurement;
  const { count, kind, profile } = params;
  await filled(measurement);
  const { tally, complete, mark } = roll(count);
  const profiling = profile === undefined ? null : await profiled(profile);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await contender.start(mark);
  await within(PATIENCE_MS, complete);
  await contender.stop();
  const stored = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  await profiling?.();
  const rowsAfter = kind === 'once-off' ? 0 : count;
  return {
    figures: {
      stored: (count / stored) * 1_000,
      ran: (count / (tally.lastAt - start)) * 1_000,
      cpuMicros: (user + system) / count,
      twice: tally.runs - tally.distinct,
    },
    problems: missing(count, tally.distinct, await contender.left(), rowsAfter),
  };
}
