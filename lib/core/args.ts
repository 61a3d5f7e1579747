import { DateTime } from 'luxon';
import type { JsonObject } from './json.js';

/**
 * Args as JSON text. Properties that are `undefined` are left out.
 *
 * @throws RangeError when a JSON round trip would change them, naming what and the way out.
 */
export function encodeArgs(args: unknown): string {
  if (args === undefined) return '{}';
  if (!isPlainObject(args))
    throw new RangeError(`args have to be a plain object, such as { userId: 7 }, not ${describe(args)}`);
  check(args, 'args', []);
  return JSON.stringify(args);
}

/** One's own args over the template's. */
export function mergeArgs(template: JsonObject, own: JsonObject): JsonObject {
  return Object.fromEntries([...Object.entries(template), ...Object.entries(own)]);
}

function check(value: unknown, path: string, parents: readonly unknown[]): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(path, String(value), 'JSON has no such number');
    return;
  }
  if (typeof value !== 'object') return refuse(path, describe(value), 'JSON cannot carry it');
  if (parents.includes(value)) refuse(path, 'a cycle', 'JSON cannot carry it; pass an id instead');
  if (Array.isArray(value)) return checkList(value, path, [...parents, value]);
  if (!isPlainObject(value)) refuseInstance(value, path);
  for (const [name, child] of Object.entries(value))
    if (child !== undefined) check(child, `${path}.${name}`, [...parents, value]);
  if (Object.getOwnPropertySymbols(value).length > 0)
    refuse(path, 'an object with symbols for names', 'JSON cannot carry them');
  if ('toJSON' in value) refuse(path, 'an object with toJSON()', 'pass what it returns');
}

function checkList(list: readonly unknown[], path: string, parents: readonly unknown[]): void {
  for (let index = 0; index < list.length; index++) {
    if (list[index] === undefined) refuse(`${path}[${index}]`, 'undefined', 'JSON makes it null; pass null');
    check(list[index], `${path}[${index}]`, parents);
  }
}

function refuseInstance(value: object, path: string): never {
  if (value instanceof Date || DateTime.isDateTime(value))
    refuse(path, 'a date', 'it would come back as a string; pass an ISO string: date.toISOString()');
  if (value instanceof Map || value instanceof Set)
    refuse(path, describe(value), 'JSON makes it {}; pass an object or a list');
  refuse(path, describe(value), 'it would come back as a plain object; pass one, or an id');
}

function refuse(path: string, what: string, advice: string): never {
  throw new RangeError(`${path} is ${what}: ${advice}`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return `an instance of ${value.constructor?.name ?? 'a class'}`;
  return typeof value === 'string' ? 'a string' : `a ${typeof value}`;
}
