import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = ['README.md', ...readdirSync(join(root, 'docs')).map((file) => join('docs', file))].filter(
  (file) => file.endsWith('.md'),
);
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** A block of code in a document. */
interface Snippet {
  readonly document: string;
  /** Of its first line of code. */
  readonly line: number;
  readonly code: string;
}

function snippetsOf(document: string): Snippet[] {
  const found: Snippet[] = [];
  let begun: { line: number; code: string[] } | null = null;
  textOf(document)
    .split('\n')
    .forEach((text, index) => {
      if (begun === null && text === '```ts') begun = { line: index + 2, code: [] };
      else if (begun !== null && text === '```') {
        found.push({ document, line: begun.line, code: begun.code.join('\n') });
        begun = null;
      } else begun?.code.push(text);
    });
  return found;
}

/** What a snippet leaves out: the class around a method; that it is a module. One line, so that lines can be told. */
function asModule({ code }: Snippet): string {
  const isMember = code.startsWith('@') && !/^(export )?(abstract )?class /m.test(code);
  return isMember ? `class Snippet { ${code} }\nexport {};` : `${code}\nexport {};`;
}

function compile(snippets: readonly Snippet[]): string[] {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'pyncette-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
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
          'nestjs-pyncette/testing': path('testing/index.ts'),
        },
      },
      include: ['./*.ts', join(root, 'test/docs/globals.d.ts')],
    }),
  );
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  try {
    execFileSync(process.execPath, [
      join(root, 'node_modules/typescript/bin/tsc'),
      '-p',
      folder,
      '--pretty',
      'false',
    ]);
    return [];
  } catch (error) {
    const output = String((error as { stdout: Buffer }).stdout);
    return output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => located(line, snippets));
  }
}

/** `12.ts(3,5): error …` as the place in the document. */
function located(line: string, snippets: readonly Snippet[]): string {
  const [, index, row, message] = /(\d+)\.ts\((\d+),\d+\): (.*)/.exec(line) ?? [];
  const snippet = snippets[Number(index)];
  if (snippet === undefined || index === undefined) return line;
  return `${snippet.document}:${snippet.line + Number(row) - 1} ${message}`;
}

/** What GitHub makes of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (file: string): string[] =>
  [...textOf(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe('The documentation', () => {
  it('has snippets that compile', { timeout: 60_000 }, () => {
    const snippets = documents.flatMap(snippetsOf);
    expect(snippets.length).toBeGreaterThan(40);
    expect(compile(snippets)).toEqual([]);
  });

  it.each(documents)('%s links to what is there', (document) => {
    const links = [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [path = '', anchor] = link.split('#');
      const file = path === '' ? document : relative(root, resolve(root, dirname(document), path));
      if (!existsSync(join(root, file))) return true;
      return anchor !== undefined && !anchorsOf(file).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});
