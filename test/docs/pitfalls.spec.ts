import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { guides, root, textOf } from './documents.js';

const PITFALLS = { L: 14, C: 3, T: 11, S: 7, D: 12, F: 7 };
const all = Object.entries(PITFALLS).flatMap(([kind, count]) =>
  Array.from({ length: count }, (_, index) => `${kind}${index + 1}`),
);

/** Rows of the tables of faults: their ids, and what is said of them. */
const rows = [
  ...textOf('docs/reliability.md').matchAll(/^\| ((?:[LCTSDF]\d+(?:, )?)+) \| .*? \| (.*) \|$/gm),
].map(([, ids = '', answer = '']) => ({ ids: ids.split(', '), answer }));

/** `file`: “name of a test” in it */
const named = rows.flatMap(({ ids, answer }) =>
  [...answer.matchAll(/`((?:test|lib)\/[^`]+)`: “([^”]+)”/g)].map(([, file = '', name = '']) => ({
    label: `${ids.join(', ')} ${file}`,
    file,
    name,
  })),
);

describe('The table of faults that others had', () => {
  it('has a row for each', () => {
    expect(rows.flatMap(({ ids }) => ids).sort()).toEqual([...all].sort());
  });

  it('names tests that exist', () => {
    expect(named.length).toBeGreaterThan(45);
    const missing = named.filter(
      ({ file, name }) => !existsSync(join(root, file)) || !textOf(file).includes(name),
    );
    expect(missing).toEqual([]);
  });

  it('has a test or a reason in each row', () => {
    const empty = rows.filter(
      ({ ids, answer }) => !named.some(({ label }) => label.startsWith(ids.join(', '))) && answer.length < 40,
    );
    expect(empty).toEqual([]);
  });
});

describe('Files that guides speak of', () => {
  it.each(guides)('exist (%s)', (document) => {
    const files = [...textOf(document).matchAll(/`((?:lib|test|sample|bench)\/[\w./-]+\.\w+)`/g)];
    const missing = files.map(([, file = '']) => file).filter((file) => !existsSync(join(root, file)));
    expect(missing).toEqual([]);
  });
});
