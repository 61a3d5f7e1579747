import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

const ENTRIES = [
  'index', 'typeorm/index', 'redis/index', 'testing/index', 'extras/prometheus/index', 'extras/opentelemetry/index',
  'extras/terminus/index', 'extras/dashboard/index',
]; // prettier-ignore

/** What an application may be compiled with that checks declarations as it does its own sources. */
const STRICTEST = {
  module: 'nodenext',
  target: 'es2023',
  types: ['node'],
  experimentalDecorators: true,
  noEmit: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  skipLibCheck: false,
};

/** Answers what the compiler complains about. */
function compiled(...options: string[]): string {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  try {
    return execFileSync(process.execPath, [compiler, '--pretty', 'false', ...options], {
      cwd: root,
      stdio: 'pipe',
    }).toString();
  } catch (error) {
    return String((error as { stdout: Buffer }).stdout);
  }
}

describe('The declarations, checked by an application that skips none', () => {
  let folder: string;

  beforeAll(() => {
    const cache = join(root, 'node_modules', '.cache');
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, 'pyncette-declarations-'));
    const written = compiled('-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', folder);
    expect(written).toBe('');
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([true, false])('are right with exactOptionalPropertyTypes: %s', (exactOptionalPropertyTypes) => {
    const configuration = {
      compilerOptions: { ...STRICTEST, exactOptionalPropertyTypes },
      files: ENTRIES.map((entry) => `${entry}.d.ts`),
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configuration));
    expect(compiled('-p', folder)).toBe('');
  });
});
