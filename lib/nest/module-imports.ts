import type { ModuleRef } from '@nestjs/core';
import { isRecord } from '../core/read-option.js';
import type { NestModule } from './host-modules.js';

// What a module says that it imports, by its decorator or as a dynamic module. Nest answers the latter only within: as `ModuleRef` has it.

/** Nest's name for it. */
const IMPORTS = 'imports';

type DynamicMetadata = (token: string, key: string) => unknown;

/** What `imports` holds: modules, dynamic modules, promises of them, and forward references. */
export function importsOf(moduleRef: ModuleRef, token: string, { metatype }: NestModule): readonly unknown[] {
  const declared: unknown = Reflect.getMetadata(IMPORTS, metatype);
  const container: unknown = Reflect.get(moduleRef, 'container');
  const ask: unknown = isObject(container) ? Reflect.get(container, 'getDynamicMetadataByToken') : undefined;
  const dynamic =
    typeof ask === 'function' ? (ask as DynamicMetadata).call(container, token, IMPORTS) : undefined;
  return [...listOf(declared), ...listOf(dynamic)];
}

/** The class of the dynamic module that something in `imports` stands for; undefined: it is none. */
export async function moduleIn(imported: unknown): Promise<unknown> {
  const given: unknown = await imported;
  if (!isRecord(given)) return undefined;
  const { forwardRef } = given;
  return typeof forwardRef === 'function' ? moduleIn(forwardRef()) : given['module'];
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
