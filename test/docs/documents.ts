import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));

/** What users read; its snippets are compiled. */
export const guides = ['README.md', ...markdownIn('docs')];

/** Everything whose links have to lead somewhere. */
export const documents = [
  ...guides,
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'sample'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => markdownIn(join('sample', name))),
  ...markdownIn('bench'),
];

export const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** A block of code in a document. */
export interface Snippet {
  readonly document: string;
  /** Of its first line of code. */
  readonly line: number;
  /** What stands behind the opening fence. */
  readonly language: string;
  readonly code: string;
}

/** All fenced blocks of a document, in whatever language. @throws Error when one is not closed */
export function blocksIn(document: string, text = textOf(document)): Snippet[] {
  const found: Snippet[] = [];
  let begun: { fence: string; language: string; line: number; code: string[] } | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const [, fence = '', language = ''] = /^\s*(`{3,}|~{3,})\s*(\S*)/.exec(line) ?? [];
    if (begun === null) {
      if (fence !== '') begun = { fence, language, line: index + 2, code: [] };
    } else if (line.trim() === begun.fence) {
      found.push({ document, line: begun.line, language: begun.language, code: begun.code.join('\n') });
      begun = null;
    } else begun.code.push(line);
  }
  if (begun !== null) throw new Error(`${document}:${begun.line - 1} opens a block that nobody closes`);
  return found;
}

/** The blocks of TypeScript. */
export const snippetsIn = (document: string): Snippet[] =>
  blocksIn(document).filter(({ language }) => language === 'ts');

/** What GitHub makes of a document's headings. */
export function anchorsIn(document: string): Set<string> {
  const anchors = new Set<string>();
  const prose = textOf(document).replaceAll(/^\s*(`{3,}|~{3,})[^]*?^\s*\1$/gm, '');
  for (const [, heading = ''] of prose.matchAll(/^#+ (.*)$/gm)) {
    const anchor = anchorOf(heading);
    let unique = anchor;
    for (let number = 1; anchors.has(unique); number++) unique = `${anchor}-${number}`;
    anchors.add(unique);
  }
  return anchors;
}

const anchorOf = (heading: string): string =>
  heading
    .trim()
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
