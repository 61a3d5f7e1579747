import { type InstanceDefinition, defineInstance } from '../core/define-instance.js';
import { InvalidScheduleException } from '../core/errors.js';
import { queueOf } from '../core/partitioning.js';
import { occurrencesOf } from '../core/schedule/schedule.js';
import { type Partitions, type TaskDefinition, canonicalName } from '../core/task.js';
import type { Registration } from '../core/task-repository.js';
import { type RowKey, STATIC_INSTANCE } from '../core/task-row.js';
import { encodeSchedule, seedOf } from '../core/task-spec.js';
import { jitterOf } from './claimed-task.js';

/** What a static task asks of the repository at every start. */
export function registerStatic(task: TaskDefinition): Registration | null {
  if (task.schedule === null) return null;
  const key = { task: task.name, instance: STATIC_INSTANCE };
  const occurrences = occurrencesOf(task.schedule, seedOf(key));
  return registration(task, key, task.name, {
    schedule: task.schedule,
    occurrences,
    args: '{}',
    force: false,
  });
}

/** What scheduling an instance asks of the repository. @throws InvalidScheduleException */
export function registerInstance(task: TaskDefinition, instanceName: string, options: unknown): Registration {
  const definition = defineInstance(task, instanceName, options);
  const key = { task: task.name, instance: instanceName };
  return registration(task, key, checkedQueue(task, instanceName), definition);
}

function registration(
  task: TaskDefinition,
  key: RowKey,
  queue: string,
  { schedule, occurrences, args, force }: InstanceDefinition,
): Registration {
  return {
    task: key.task,
    instance: key.instance,
    queue,
    schedule: encodeSchedule(schedule),
    args,
    jitterMs: jitterOf(task, key),
    force,
    place: (now) => occurrences.place(now),
  };
}

function checkedQueue(task: TaskDefinition, instanceName: string): string {
  const { partitions } = task;
  const partition = partitions === null ? 0 : selected(task, partitions, instanceName);
  if (partitions !== null && !(Number.isInteger(partition) && partition >= 0 && partition < partitions.count))
    throw new InvalidScheduleException(
      `The partitionSelector of task '${task.name}' answered ${String(partition)} for ${canonicalName(task.name, instanceName)}: it has to answer a whole number from 0 to ${partitions.count - 1}`,
    );
  return queueOf(task, instanceName);
}

function selected(task: TaskDefinition, partitions: Partitions, instanceName: string): number {
  try {
    return partitions.select(instanceName);
  } catch (error) {
    throw new InvalidScheduleException(
      `The partitionSelector of task '${task.name}' failed for ${canonicalName(task.name, instanceName)}: ${String(error)}. It has to answer a whole number from 0 to ${partitions.count - 1} for every name`,
      { cause: error },
    );
  }
}
