import type { Type } from '@nestjs/common';
import type { FixtureProvider } from './interfaces/fixtures.js';

/** Whether something can be set up. */
export const isFixture = (value: unknown): value is FixtureProvider =>
  typeof value === 'object' && value !== null && 'setUp' in value && typeof value.setUp === 'function';

/** What is said of a fixture that cannot. */
export const lacksSetUp = (name: string, type: Type<unknown>): string =>
  `Fixture '${name}' (${type.name}) has no setUp(): give it a method setUp(app) that makes the fixture's value, or take it out`;

/** Whether what a class makes may have a `setUp()`: as a method, or as a field, of which only the source of a class tells. */
export function mayHaveSetUp(type: Type<unknown>): boolean {
  if (isMember(type.prototype)) return true;
  for (let one: unknown = type; isClass(one); one = Object.getPrototypeOf(one))
    if (/\bsetUp\b|\[native code\]/.test(String(one))) return true;
  return false;
}

const isMember = (prototype: unknown): boolean =>
  typeof prototype === 'object' && prototype !== null && 'setUp' in prototype;

/** Above the topmost class there is only what all functions have in common. */
const isClass = (value: unknown): boolean => typeof value === 'function' && value !== Function.prototype;
