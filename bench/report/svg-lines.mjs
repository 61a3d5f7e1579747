import { shown } from './figures.mjs';
import { isOwn, svg, text } from './svg.mjs';

const WIDTH = 760;
const HEIGHT = 260;
const LEFT = 70;
const RIGHT = 20;
const TOP = 44;
const BOTTOM = 36;
const STEPS = 4;
const WINDOW_SECONDS = 5;

/** Lines over time, from zero on; a value for each window. */
export function lines({ title, series }) {
  const most = Math.max(...series.flatMap(({ values }) => values)) * 1.1;
  const longest = Math.max(...series.map(({ values }) => values.length));
  const x = (index) => (LEFT + (index / Math.max(1, longest - 1)) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value) => (HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const grid = Array.from({ length: STEPS + 1 }, (_, step) => (most * step) / STEPS).flatMap((value) => [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}" class="grid"/>`,
    text(LEFT - 8, Number(y(value)) + 4, shown(value), { kind: 'faint', anchor: 'end' }),
  ]);
  const drawn = series.flatMap(({ row, values }, index) => [
    `<polyline points="${values.map((value, at) => `${x(at)},${y(value)}`).join(' ')}" class="line ${isOwn(row) ? 'own' : 'other'}" style="fill:none"/>`,
    `<rect x="${LEFT + index * 220}" y="${HEIGHT - 20}" width="10" height="10" class="${isOwn(row) ? 'own' : 'other'}"/>`,
    text(LEFT + 16 + index * 220, HEIGHT - 10, row, { kind: 'faint' }),
  ]);
  const span = text(WIDTH - RIGHT, HEIGHT - 10, `${longest * WINDOW_SECONDS} s`, {
    kind: 'faint',
    anchor: 'end',
  });
  return svg(WIDTH, HEIGHT, title, [...grid, ...drawn, span]);
}
