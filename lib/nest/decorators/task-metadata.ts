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
  const before: readonly RecordedTask[] = Reflect.getOwnMetadata(TASKS, prototype, key) ?? [];
  Reflect.defineMetadata(TASKS, [recorded, ...before], prototype, key);
  recordKey(prototype, key);
}

export function recordHeartbeat(prototype: object, key: string | symbol, options: unknown): void {
  Reflect.defineMetadata(HEARTBEAT, options ?? {}, prototype, key);
}

/** Notes a fixture: a class, or a method of a provider. */
export function recordFixture(target: object, key: string | symbol | undefined, name: unknown): void {
  if (key === undefined) return Reflect.defineMetadata(FIXTURE, name, target);
  Reflect.defineMetadata(FIXTURE, name, target, key);
  recordKey(target, key);
}

function recordKey(prototype: object, key: string | symbol): void {
  const before: readonly string[] = Reflect.getMetadata(KEYS, prototype) ?? [];
  if (typeof key === 'string' && !before.includes(key))
    Reflect.defineMetadata(KEYS, [...before, key], prototype);
}

/** The names of a class's decorated methods, inherited ones included, as declared. */
export const decoratedKeys = (prototype: object): readonly string[] =>
  read<readonly string[]>(KEYS, prototype) ?? [];

export const tasksOf = (prototype: object, key: string): readonly RecordedTask[] =>
  read<RecordedTask[]>(TASKS, prototype, key) ?? [];

export const heartbeatOf = (prototype: object, key: string): unknown =>
  read(HEARTBEAT, prototype, key) ?? null;

export const fixtureNameOf = (target: object, key?: string): unknown => read(FIXTURE, target, key);
