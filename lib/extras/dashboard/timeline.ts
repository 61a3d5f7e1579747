import type { TaskDescription, TaskState } from '../../nest/interfaces/task-state.js';
import { runsAhead } from '../../nest/runs-ahead.js';
import type { Lane } from './wire.js';

/** Most moments of one task that are told; more than fit beside each other. */
const DOTS = 80;
/** Most tasks with a lane of their own. */
const LANES = 12;

/** The window of a timeline. */
export interface TimelineWindow {
  readonly now: number;
  readonly until: number;
}

/** What each task does within the window: of those that are due soonest, in the order in which the application knows them. */
export function lanesOf(
  due: readonly TaskState[],
  tasks: readonly TaskDescription[],
  window: TimelineWindow,
): Lane[] {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const moments = new Map<string, number[]>();
  for (const state of due) {
    const task = byName.get(state.task);
    const known = moments.get(state.task) ?? [];
    if (task === undefined || known.length > DOTS) continue;
    known.push(...runsWithin(state, task, window));
    if (known.length > 0) moments.set(state.task, known);
  }
  const places = new Map(tasks.map(({ name }, index) => [name, index]));
  const placeOf = ({ task }: Lane): number => places.get(task) ?? 0;
  return [...moments]
    .slice(0, LANES)
    .map(([task, all]) => ({
      task,
      dots: all.sort((one, other) => one - other).slice(0, DOTS),
      isDense: all.length > DOTS,
    }))
    .sort((one, other) => placeOf(one) - placeOf(other));
}

function runsWithin(
  state: TaskState,
  { options }: TaskDescription,
  { now, until }: TimelineWindow,
): number[] {
  const scheduledAt = state.scheduledAt?.toMillis();
  if (scheduledAt === undefined) return [];
  const of = { task: options, instanceName: state.instanceName, schedule: state.schedule, scheduledAt };
  const runs = runsAhead(of, { now, until, limit: DOTS + 1 });
  return state.state === 'running' ? runs.slice(1) : runs;
}
