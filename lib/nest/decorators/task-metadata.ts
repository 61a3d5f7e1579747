import { InvalidTaskException } from '../../core/errors.js';
import type { TaskKind } from '../../core/task.js';

// Kept by prototype and key, not on the function: another decorator that wraps the method loses nothing.

const TASKS = Symbol('nestjs-pyncette tasks');
const HEARTBEAT = Symbol('nestjs-pyncette heartbeat');
const FIXTURE = Symbol('nestjs-pyncette fixture');
const KEYS = Symbol('nestjs-pyncette keys');

/** What one decorator on a method says; unchecked. */
export interface RecordedTask {
  readonly kind: TaskKind;
  readonly options: unknown;
}

const read = <T>(symbol: symbol, target: object, key?: string): T | undefined =>
  (key === undefined ? Reflect.getMetadata(symbol, target) : Reflect.getMetadata(symbol, target, key)) as
    T | undefined;

/** Notes a decorator; the one nearest to the method is noted first. */
export function recordTask(prototype: object, key: string | symbol, recorded: RecordedTask): void {
  recordKey(prototype, key);
  const before: readonly RecordedTask[] = Reflect.getOwnMetadata(TASKS, prototype, key) ?? [];
  Reflect.defineMetadata(TASKS, [recorded, ...before], prototype, key);
}

export function recordHeartbeat(prototype: object, key: string | symbol, options: unknown): void {
  Reflect.defineMetadata(HEARTBEAT, options ?? {}, prototype, key);
}

/** Notes a fixture: a class, or a method of a provider. */
export function recordFixture(target: object, key: string | symbol | undefined, name: unknown): void {
  if (key === undefined) return Reflect.defineMetadata(FIXTURE, name, target);
  recordKey(target, key);
  Reflect.defineMetadata(FIXTURE, name, target, key);
}

/** @throws InvalidTaskException at once, for such methods are found by no provider */
function recordKey(prototype: object, key: string | symbol): void {
  if (typeof prototype === 'function' || typeof key === 'symbol') {
    const owner = typeof prototype === 'function' ? prototype.name : prototype.constructor.name;
    const kind = typeof key === 'symbol' ? 'named by a symbol' : 'static';
    throw new InvalidTaskException([
      `${owner}.${String(key)} is ${kind}: tasks and fixtures are methods of a provider that have a name`,
    ]);
  }
  const before: readonly string[] = Reflect.getMetadata(KEYS, prototype) ?? [];
  if (!before.includes(key)) Reflect.defineMetadata(KEYS, [...before, key], prototype);
}

/** The names of a class's decorated methods, inherited ones included, as declared. */
export const decoratedKeys = (prototype: object): readonly string[] =>
  read<readonly string[]>(KEYS, prototype) ?? [];

export const tasksOf = (prototype: object, key: string): readonly RecordedTask[] =>
  read<RecordedTask[]>(TASKS, prototype, key) ?? [];

export const heartbeatOf = (prototype: object, key: string): unknown =>
  read(HEARTBEAT, prototype, key) ?? null;

export const fixtureNameOf = (target: object, key?: string): unknown => read(FIXTURE, target, key);
