import { stableHash } from './stable-hash.js';
import type { TaskDefinition } from './task.js';

/** The partition an instance belongs to unless the task says otherwise. Never changes between releases. */
export function defaultPartition(partitionCount: number, instanceName: string): number {
  return stableHash(instanceName) % partitionCount;
}

/** The queue in which a task's instance waits: the task itself, or one partition under the present partition count. */
export function queueOf(task: TaskDefinition, instance: string): string {
  if (task.partitions === null) return task.name;
  return partitionQueue(task, task.partitions.select(instance));
}

/** All queues of a task under its present partition count. */
export function allQueuesOf(task: TaskDefinition): readonly string[] {
  if (task.partitions === null) return [task.name];
  return Array.from({ length: task.partitions.count }, (_, partition) => partitionQueue(task, partition));
}

/** The queues that this process polls for a task. */
export function queuesOf(task: TaskDefinition): readonly string[] {
  return task.partitions?.enabled.map((partition) => partitionQueue(task, partition)) ?? [task.name];
}

const partitionQueue = (task: TaskDefinition, partition: number): string =>
  `${task.name}#${partition}/${task.partitions?.count ?? 1}`;
