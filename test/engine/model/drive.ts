import { ExecutionMode, FailureMode, type TaskDefinition } from '../../../lib/core/task.js';
import { memoryRepository } from '../../../lib/storage/memory.repository.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { START, definition } from '../harness.js';
import { MortalProcess } from './mortal-process.js';
import { type Gap, type ModelTask, type Start, MAX_LATENESS_MS } from './reference-model.js';

/** Time passes, and something may be wrong meanwhile. */
export interface Move {
  readonly kind: 'run' | 'jump' | 'crash' | 'stop' | 'dies-at-claim';
  readonly ms: number;
}

/** What a drive came to: when what started, and what really happened to the processes. */
export interface Drive {
  readonly starts: readonly Start[];
  readonly gaps: readonly Gap[];
  readonly zero: number;
  readonly end: number;
}

export function definitionOf(task: ModelTask): TaskDefinition {
  const { schedule, onFailure } = task;
  const failureModes = { none: FailureMode.NONE, unlock: FailureMode.UNLOCK, commit: FailureMode.COMMIT };
  return definition({
    kind: schedule.kind === 'once' ? 'dynamic' : 'static',
    schedule:
      schedule.kind === 'once'
        ? null
        : schedule.kind === 'interval'
          ? { kind: 'interval', everyMs: schedule.everyMs }
          : {
              kind: 'cron',
              expression: `*/${schedule.everyMs / 1_000} * * * * *`,
              timezone: 'UTC',
              seconds: 'first',
            },
    leaseMs: task.leaseMs,
    executionMode: task.mode === 'at-most-once' ? ExecutionMode.AT_MOST_ONCE : ExecutionMode.AT_LEAST_ONCE,
    failureMode: typeof onFailure === 'string' ? failureModes[onFailure] : FailureMode.NONE,
    retry: typeof onFailure === 'string' ? null : { ...onFailure, maxDelayMs: null, jitter: 0 },
    missed: task.missed,
    maxLatenessMs: MAX_LATENESS_MS,
    heartbeat: task.hasHeartbeat ? { leaseRemainingRatio: 0.5, abortOnLeaseLost: false } : null,
  });
}

/** One task on one store: a process at a time has it, through all moves. */
export async function drive(task: ModelTask, moves: readonly Move[]): Promise<Drive> {
  const clock = new TestClock(START);
  const store = memoryRepository();
  const zero = clock.now();
  const starts: Start[] = [];
  const gaps: Gap[] = [];
  const processes: MortalProcess[] = [];
  const definition = definitionOf(task);

  const begin = async (): Promise<MortalProcess> => {
    const process = new MortalProcess(clock, store, definition, async (execution, at) => {
      const { scheduledAt, attempt } = execution;
      const run = task.runs[starts.length % task.runs.length] ?? { takesMs: 0, fails: false };
      starts.push({ at: clock.now(), scheduledAt, attempt });
      await at.sleep(run.takesMs);
      if (run.fails) throw new Error('on purpose');
    });
    processes.push(process);
    await process.scheduler.start();
    return process;
  };
  const isBusy = (): boolean => processes.some(({ isDead, inFlight }) => !isDead && inFlight > 0);

  const drained = async (): Promise<void> => {
    while (isBusy()) await clock.advance(250);
  };

  let current = await begin();
  if (task.schedule.kind === 'once') {
    const options = { executeIn: task.schedule.everyMs };
    await current.scheduler.schedule(definition, [{ instanceName: 'only', options }]);
  }
  await clock.advance(0);
  for (const { kind, ms } of moves) {
    const from = clock.now();
    // What is in flight across a jump ends at the same moment as its lease: which comes first is nobody's promise.
    const isPlain = kind === 'run' || ((kind === 'jump' || kind === 'dies-at-claim') && isBusy());
    if (isPlain) {
      await clock.advance(ms);
    } else if (kind === 'jump') {
      await clock.jump(ms);
      gaps.push({ kind: 'away', from, to: clock.now() });
    } else {
      if (kind === 'crash') current.kill();
      else if (kind === 'stop') void current.scheduler.stop();
      else current.diesAtClaim = true;
      await clock.advance(ms);
      // Another process hears of what this one settles with its next poll only: the model leaves that out.
      if (kind === 'stop') await drained();
      gaps.push({ kind, from, to: clock.now() });
      if (kind === 'dies-at-claim' && !current.isDead) current.diesAtClaim = false;
      else current = await begin();
      await clock.advance(0);
    }
  }
  for (const process of processes) if (!process.isDead) process.kill();
  return { starts, gaps, zero, end: clock.now() };
}
