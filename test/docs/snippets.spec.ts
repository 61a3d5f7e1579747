import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Snippet,
  anchorsIn,
  blocksIn,
  documents,
  guides,
  root,
  snippetsIn,
  textOf,
} from './documents.js';

/** Blocks that are no code of ours: commands, output, drawings, other formats. */
const NOT_COMPILED = ['', 'sh', 'yaml', 'sql', 'json', 'mermaid', 'diff'];

/** Compiled with the others. If its error is not found, those of the others would not be either. */
const CANARY: Snippet = {
  document: 'a document with a wrong name',
  line: 10,
  language: 'ts',
  code: "await pyncette.scheduleTask('hello', 'bill', { interval: '1h' });\nawait pyncette.scheduleTusk('hello');",
};

/** What a snippet leaves out: the class around a method; that it is a module. Lines stay where they are. */
function asModule({ code }: Snippet): string {
  const isMember = code.startsWith('@') && !/^(export )?(abstract )?class /m.test(code);
  return isMember ? `class Snippet { ${code} }\nexport {};` : `${code}\nexport {};`;
}

/** Type-checks all snippets in one run of the compiler; answers what is wrong, and where. */
function compile(snippets: readonly Snippet[]): string[] {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'pyncette-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const names = snippets.map((_, index) => `${index}.ts`);
  snippets.forEach((snippet, index) => writeFileSync(join(folder, `${index}.ts`), asModule(snippet)));
  const path = (target: string): string[] => [relative(folder, join(root, 'lib', target))];
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noUnusedLocals: false,
        noUnusedParameters: false,
        paths: {
          'nestjs-pyncette': path('index.ts'),
          'nestjs-pyncette/typeorm': path('typeorm/index.ts'),
          'nestjs-pyncette/redis': path('redis/index.ts'),
          'nestjs-pyncette/testing': path('testing/index.ts'),
          'nestjs-pyncette/prometheus': path('extras/prometheus/index.ts'),
          'nestjs-pyncette/opentelemetry': path('extras/opentelemetry/index.ts'),
          'nestjs-pyncette/terminus': path('extras/terminus/index.ts'),
          'nestjs-pyncette/dashboard': path('extras/dashboard/index.ts'),
        },
      },
      // By name: whatever the project's own configuration excludes is excluded here too, but not what is named.
      files: [...names, join(root, 'test/docs/globals.d.ts')],
      include: [],
    }),
  );
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  try {
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], {
      cwd: root,
      stdio: 'pipe',
    });
    return [];
  } catch (error) {
    return String((error as { stdout: Buffer }).stdout)
      .split('\n')
      .filter((line) => line !== '' && !isElsewhere(line))
      .map((line) => located(line, snippets));
  }
}

/**
 * What a message goes on with; and our own sources, which have a check of their own: seen as sources, they do not have what a
 * snippet adds to their interfaces.
 */
const isElsewhere = (line: string): boolean => line.startsWith(' ') || line.startsWith('lib/');

/** `12.ts(3,5): error …` as the place in the document. */
function located(line: string, snippets: readonly Snippet[]): string {
  const [, index, row, message] = /(\d+)\.ts\((\d+),\d+\): (.*)/.exec(line) ?? [];
  const snippet = snippets[Number(index)];
  if (snippet === undefined || index === undefined) return line;
  return `${snippet.document}:${snippet.line + Number(row) - 1} ${message}`;
}

/** Links of a document that lead nowhere. */
function brokenLinks(document: string): string[] {
  const links = [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? document : relative(root, resolve(root, dirname(document), path));
    if (!existsSync(join(root, file))) return true;
    return anchor !== undefined && !anchorsIn(file).has(anchor);
  });
}

describe('The documentation', () => {
  it('has snippets that compile; what is wrong is named with its place', { timeout: 60_000 }, () => {
    const snippets = guides.flatMap(snippetsIn);
    expect(snippets.length).toBeGreaterThan(40);
    const problems = compile([...snippets, CANARY]);
    expect(problems.filter((problem) => !problem.startsWith(CANARY.document))).toEqual([]);
    expect(problems).toEqual([expect.stringMatching(/^a document with a wrong name:11 .*scheduleTusk/)]);
  });

  it('has no block of code that the compiler is not given', () => {
    const others = guides
      .flatMap((document) => blocksIn(document))
      .filter(({ language }) => language !== 'ts' && !NOT_COMPILED.includes(language));
    expect(others.map(({ document, line, language }) => `${document}:${line} ${language}`)).toEqual([]);
  });

  it.each(documents)('%s links to what is there', (document) => {
    expect(brokenLinks(document)).toEqual([]);
  });
});
