import { defaultPartition } from './partitioning.js';
import { type OptionReader, show } from './read-option.js';
import type { Partitions } from './task.js';

/** Each is a queue that is polled, and held in memory by its name. */
const MOST_PARTITIONS = 1_000_000;

/** The partitions of a `@PartitionedTask()`; null when they are wrong. */
export function definePartitions(reader: OptionReader): Partitions | null {
  if (!reader.has('partitionCount')) reader.complain('partitionCount is missing');
  const count = reader.count('partitionCount', 1);
  if (count > MOST_PARTITIONS) {
    reader.complain(`partitionCount is ${count}; it has to be at most ${MOST_PARTITIONS}`);
    return null;
  }
  const selector = reader.get('partitionSelector') ?? defaultPartition;
  const enabled =
    reader.get('enabledPartitions') ?? Array.from({ length: count }, (_, partition) => partition);
  if (!isPartitionList(enabled, count)) {
    reader.complain(`enabledPartitions has to be a list of whole numbers from 0 to ${count - 1}`);
    return null;
  }
  if (!isSelector(selector)) {
    reader.complain(
      `partitionSelector is ${show(selector)}; it has to be a function of partitionCount and instanceName`,
    );
    return null;
  }
  return Object.freeze({
    count,
    enabled: Object.freeze([...new Set(enabled)]),
    select: (name: string) => selector(count, name),
  });
}

type Selector = (partitionCount: number, instanceName: string) => number;

const isSelector = (value: unknown): value is Selector => typeof value === 'function';

const isPartitionList = (value: unknown, count: number): value is number[] =>
  Array.isArray(value) &&
  value.every((partition) => Number.isInteger(partition) && partition >= 0 && partition < count);
