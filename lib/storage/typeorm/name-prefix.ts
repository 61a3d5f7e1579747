/** The last code point before the surrogates, which stand for nothing by themselves, and the first after them. */
const BEFORE_SURROGATES = 0xd7ff;
const AFTER_SURROGATES = 0xe000;
const LAST = 0x10ffff;

/**
 * The first name after all that begin with a prefix, in the order of their UTF-8 bytes, which is that of their code points; null: there
 * is none. A range finds names through an index, which `LIKE` does not everywhere.
 */
export function endOfPrefix(prefix: string): string | null {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? LAST);
  while (points.at(-1) === LAST) points.pop();
  const last = points.pop();
  if (last === undefined) return null;
  return String.fromCodePoint(...points, last === BEFORE_SURROGATES ? AFTER_SURROGATES : last + 1);
}
