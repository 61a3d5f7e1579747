import { didYouMean } from '../../core/did-you-mean.js';
import { durationText } from '../moments.js';
import { type Check, type Finding, fail, ok, warn } from './finding.js';

/** Due for less is no finding: polls, slots and leases take their time. */
export const PATIENCE_MS = 60_000;

const number = (count: number): string => count.toLocaleString('en');

/** What should have run long ago. */
export const overdueWork: Check = async ({ census: { counts }, now, lateMs }) => {
  const late = counts.filter(({ overdue, nextAt }) => overdue > 0 && nextAt !== null);
  if (late.length === 0)
    return [ok('overdue work', `nothing is overdue by more than ${durationText(PATIENCE_MS)}`)];
  return late.map(({ task, overdue, nextAt }): Finding => {
    const ageMs = now - (nextAt ?? now);
    return (ageMs > lateMs ? fail : warn)(
      'overdue work',
      `${task}: ${number(overdue)} overdue, the oldest by ${durationText(ageMs, 2)}`,
      'see that a process which has this task runs, is enabled and has free slots (concurrencyLimit), and look into its log',
    );
  });
};

/** Leases that have ended without anybody taking over. */
export const endedLeases: Check = async ({ census: { endedLeases: leases }, moments }) => {
  if (leases.length === 0) return [ok('leases', 'none has been left behind')];
  return leases.map(({ owner, rows, endedAt }) =>
    warn(
      'leases',
      `${number(rows)} left behind by ${owner ?? 'a process without a name'}, the oldest ended ${moments.relative(endedAt)}`,
      'that process has died or hangs, and no other has taken its rows over: start one that has these tasks, or resume what is paused',
    ),
  );
};

/** Rows that no code belongs to. */
export const unknownTasks: Check = async ({ census: { counts }, known }) => {
  if (known === null) return [];
  const foreign = counts.filter(({ task }) => !known.includes(task));
  if (foreign.length === 0) return [ok('unknown tasks', 'every row belongs to a known task')];
  return foreign.map(({ task, states }) =>
    warn(
      'unknown tasks',
      `${task} has ${number(states.scheduled + states.running + states.paused + states.parked)} rows, and is not among those known${didYouMean(task, known)}`,
      `if it was renamed give the code its old name, if its code is gone: nestjs-pyncette unschedule ${task} --all`,
    ),
  );
};

/** What waits for a decision. */
export const parkedInstances: Check = async ({ census: { counts } }) => {
  const waiting = counts.filter(({ states }) => states.parked > 0);
  if (waiting.length === 0) return [ok('parked', 'nothing is parked')];
  return waiting.map(({ task, states }) =>
    warn(
      'parked',
      `${task}: ${number(states.parked)} parked`,
      `nestjs-pyncette parked ${task} says why; then nestjs-pyncette resume ${task} --state parked`,
    ),
  );
};

/** What nobody may remember. */
export const pausedTemplates: Check = async ({ census: { counts } }) =>
  counts
    .filter(({ isTemplatePaused }) => isTemplatePaused)
    .map(({ task }) =>
      warn(
        'paused',
        `${task} is paused as a whole`,
        `if that is not meant any more: nestjs-pyncette resume ${task} --all`,
      ),
    );
