import { displayWidth, printable, shortened } from './display-width.js';
import type { Terminal } from './terminal.js';

/** One column of a table. */
export interface Column<T> {
  readonly title: string;
  readonly align?: 'right';
  text(item: T): string;
  /** Colours a cell, whose text is already filled up. */
  paint?(cell: string, item: T): string;
}

const GAP = '  ';

/** The last column gives way first, down to this. */
const NARROWEST = 12;

/** Writes a table: a line of titles, then one for each item. */
export function writeTable<T>(terminal: Terminal, columns: readonly Column<T>[], items: readonly T[]): void {
  const cells = items.map((item) => columns.map((column) => printable(column.text(item))));
  const widths = columns.map(({ title }, index) =>
    Math.max(displayWidth(title), ...cells.map((row) => displayWidth(row[index] ?? ''))),
  );
  const room = terminal.columns - widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0);
  const last = widths.length - 1;
  widths[last] = Math.min(widths[last] ?? 0, Math.max(NARROWEST, room));
  const cell = (text: string, index: number): string =>
    filled(text, widths[index] ?? 0, columns[index]?.align === 'right');
  terminal.line(
    terminal.paint(
      'dim',
      columns
        .map(({ title }, index) => cell(title, index))
        .join(GAP)
        .trimEnd(),
    ),
  );
  items.forEach((item, row) => {
    const painted = columns.map(({ paint }, index) => {
      const text = cell(cells[row]?.[index] ?? '', index);
      return paint === undefined ? text : paint(text, item);
    });
    terminal.line(painted.join(GAP).trimEnd());
  });
}

function filled(text: string, columns: number, isRight: boolean): string {
  const short = shortened(text, columns);
  const blanks = ' '.repeat(Math.max(0, columns - displayWidth(short)));
  return isRight ? blanks + short : short + blanks;
}
