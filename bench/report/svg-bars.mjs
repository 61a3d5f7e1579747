import { shown } from './figures.mjs';
import { isOwn, svg, text } from './svg.mjs';

const WIDTH = 760;
const LEFT = 250;
const ROOM = 380;
const ROW = 26;
const TOP = 40;

/** Horizontal bars, each with its least and greatest as a thin line. */
export function bars({ title, unit, rows }) {
  const most = Math.max(...rows.map(({ max }) => max), Number.MIN_VALUE);
  const scaled = (value) => Number(((value / most) * ROOM).toFixed(1));
  const parts = rows.flatMap(({ row, median, min, max }, index) => {
    const y = TOP + index * ROW;
    const middle = y + 9;
    return [
      text(LEFT - 10, y + 14, row, { anchor: 'end' }),
      `<rect x="${LEFT}" y="${y}" width="${Math.max(1, scaled(median))}" height="18" rx="2" class="${isOwn(row) ? 'own' : 'other'}"/>`,
      `<line x1="${LEFT + scaled(min)}" x2="${LEFT + scaled(max)}" y1="${middle}" y2="${middle}" class="range"/>`,
      text(LEFT + scaled(max) + 8, y + 14, `${shown(median)} ${unit}`, { kind: 'faint' }),
    ];
  });
  return svg(WIDTH, TOP + rows.length * ROW + 8, title, parts);
}
