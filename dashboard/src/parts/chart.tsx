import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { momentText } from '../time.ts';

/** One thing that is drawn: bars stand on those before them, a line does not. */
export interface Series {
  readonly name: string;
  readonly kind: 'bars' | 'line';
  readonly class: string;
  readonly values: readonly number[];
}

const WIDTH = 600;
const HEIGHT = 120;

/** A chart over time. Its summary is for those who do not see it; whoever points at it reads single values. */
export function Chart(props: {
  series: readonly Series[];
  /** When the first value began, and how much time each covers. */
  from: number;
  stepMs: number;
  summary: string;
  text: (value: number) => string;
  /** The least value at the top. */
  least: number;
}): JSX.Element {
  const { series, from, stepMs, summary, text, least } = props;
  const [pointed, setPointed] = useState<number | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const length = series[0]?.values.length ?? 0;
  const top = niceTop(Math.max(least, ...totals(series), ...lines(series)));
  const point = (event: PointerEvent): void => {
    const box = frame.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return;
    const place = Math.floor(((event.clientX - box.left) / box.width) * length);
    setPointed(Math.max(0, Math.min(length - 1, place)));
  };
  return (
    <figure class="chart">
      <div class="chart-scale" aria-hidden="true">
        <span>{text(top)}</span>
        <span>{text(top / 2)}</span>
        <span>0</span>
      </div>
      <div class="chart-frame" ref={frame} onPointerMove={point} onPointerLeave={() => setPointed(null)}>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={summary}>
          <path class="chart-grid" d={`M0 .5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}`} />
          {pointed !== null && (
            <path class="chart-pointer" d={`M${((pointed + 0.5) / length) * WIDTH} 0V${HEIGHT}`} />
          )}
          {series.map((one, index) => (
            <path
              key={one.name}
              class={one.class}
              d={one.kind === 'bars' ? bars(series.slice(0, index), one, top) : line(one, top)}
            />
          ))}
        </svg>
      </div>
      <figcaption class="chart-legend" aria-hidden="true">
        {series.map((one) => (
          <span key={one.name} class="chart-key">
            <i class={`chart-swatch ${one.class}`} />
            {one.name}
            {pointed !== null && <b>{text(one.values[pointed] ?? 0)}</b>}
          </span>
        ))}
        <span class="chart-when">
          {pointed === null
            ? `last ${Math.round((length * stepMs) / 60_000)} min`
            : momentText(from + pointed * stepMs)}
        </span>
      </figcaption>
    </figure>
  );
}

const totals = (series: readonly Series[]): number[] => {
  const stacked = series.filter(({ kind }) => kind === 'bars');
  return (stacked[0]?.values ?? []).map((_, index) =>
    stacked.reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
  );
};

const lines = (series: readonly Series[]): number[] =>
  series.filter(({ kind }) => kind === 'line').flatMap(({ values }) => values);

/** A round number, and so is its half. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

const y = (value: number, top: number): number => HEIGHT - (value / top) * (HEIGHT - 2);

function bars(below: readonly Series[], { values }: Series, top: number): string {
  const width = WIDTH / values.length;
  const stacked = below.filter(({ kind }) => kind === 'bars');
  return values
    .map((value, index) => {
      if (value === 0) return '';
      const base = stacked.reduce((sum, one) => sum + (one.values[index] ?? 0), 0);
      const left = index * width + width * 0.15;
      return `M${left} ${y(base, top)}V${y(base + value, top)}h${width * 0.7}V${y(base, top)}Z`;
    })
    .join('');
}

function line({ values }: Series, top: number): string {
  const width = WIDTH / values.length;
  return values
    .map((value, index) => `${index === 0 ? 'M' : 'L'}${(index + 0.5) * width} ${y(value, top)}`)
    .join('');
}
