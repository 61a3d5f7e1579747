// Names and messages come from the application's data: a terminal must not take any of it for a command.

/** Control characters, and what turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text as it may be written to a terminal: on one line, and without escapes of its own. */
export const printable = (text: string): string =>
  text.replaceAll(
    UNPRINTABLE,
    (character) => NAMES[character] ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );

/** What takes two columns: East Asian wide characters, and emoji. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|.\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}])/u;

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** How many columns of a terminal a printable text takes. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7E]*$/.test(text)) return text.length;
  return [...characters.segment(text)].reduce((width, { segment }) => width + widthOf(segment), 0);
}

/** The beginning of a text, so that it takes at most so many columns. */
export function shortened(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const { segment } of characters.segment(text)) {
    width += widthOf(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

const widthOf = (character: string): number => (WIDE.test(character) ? 2 : 1);
