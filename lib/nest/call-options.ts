import { InvalidScheduleException } from '../core/errors.js';
import { isRecord, show } from '../core/read-option.js';
import { checkKnown } from './list-options.js';
import type { ResumeOptions } from './task-reference.js';

// What calls of the service are given beside a task: a name, options, lists. Everything that cannot be meant is refused.

/** The name of an instance, null when there is none. @throws InvalidScheduleException when it is no string */
export function optionalName(task: string, name: unknown): string | null {
  if (name === undefined || name === null || typeof name === 'string') return name ?? null;
  throw new InvalidScheduleException(
    `An instance of task '${task}' cannot have the name ${show(name)}: it has to be a string`,
  );
}

/** The same where options follow, which are easily given in its place. */
export function nameBeforeOptions(task: string, name: unknown): string | null {
  if (!isRecord(name)) return optionalName(task, name);
  throw new InvalidScheduleException(
    `An instance of task '${task}' cannot have the name ${show(name)}: it has to be a string; options stand after it, and null stands for no name`,
  );
}

/** Calls such as `resumeTask(task, instanceName, options)`, whose name may be left out. */
export function nameAndOptions<Options extends object>(
  task: string,
  name: string | Options | null | undefined,
  options: Options | undefined,
): { readonly name: string | null; readonly options: Partial<Options> } {
  return isRecord(name)
    ? { name: null, options: name as Options }
    : { name: optionalName(task, name), options: options ?? {} };
}

/** Where a schedule goes on. @throws InvalidScheduleException */
export function startOf({ from = 'schedule' }: ResumeOptions): 'schedule' | 'now' {
  if (from === 'schedule' || from === 'now') return from;
  throw new InvalidScheduleException(`from is ${show(from)}; it has to be 'schedule' or 'now'`);
}

/** Options of a call that may take long. @throws InvalidScheduleException */
export function checkProgress(
  options: { readonly onProgress?: unknown },
  names: readonly string[],
  what: string,
): void {
  checkKnown(options, names, what);
  const { onProgress } = options;
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new InvalidScheduleException(
      `${what}: onProgress is ${show(onProgress)}; it has to be a function of { done, total }`,
    );
}

/** What `scheduleTasks` is given, one by one. @throws InvalidScheduleException */
export function instancesOf(task: string, instances: unknown): { instanceName: string; options: object }[] {
  if (!Array.isArray(instances))
    throw new InvalidScheduleException(`scheduleTasks() takes a list of instances, not ${show(instances)}`);
  return instances.map((one: unknown, index) => {
    if (!isRecord(one))
      throw new InvalidScheduleException(
        `scheduleTasks() of '${task}': instance ${index} is ${show(one)}; it has to be an object such as { instanceName: 'bill', interval: '1h' }`,
      );
    const { instanceName, manager, ...options } = one;
    if (manager !== undefined)
      throw new InvalidScheduleException(
        `${task}:${String(instanceName)} cannot be scheduled in a transaction of its own: give the manager of all of them in the third parameter of scheduleTasks()`,
      );
    // Its name is checked with the rest of it.
    return { instanceName: instanceName as string, options };
  });
}
