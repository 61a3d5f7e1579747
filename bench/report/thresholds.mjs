// What must be shown, against what was measured: the median of what each round says.
import { summary } from './figures.mjs';

const resultOf = (measured, group, row) =>
  measured.find(({ name }) => name === group)?.results.find((result) => result.row === row);

/** How one round says it: a ratio to another row, the difference to one, or the figure itself. */
function saidBy(figure, { over, minus }, ours, theirs) {
  if (over !== undefined) return ours[figure] / theirs?.[figure];
  return minus === undefined ? ours[figure] : ours[figure] - theirs?.[figure];
}

function judged(threshold, measured) {
  const {
    group,
    row,
    figure,
    atLeast = Number.NEGATIVE_INFINITY,
    atMost = Number.POSITIVE_INFINITY,
  } = threshold;
  const beside = threshold.over ?? threshold.minus;
  const compared = [row, ...(beside === undefined ? [] : [beside])].map((one) =>
    resultOf(measured, group, one),
  );
  if (compared.includes(undefined)) return { ...threshold, result: 'not measured' };
  if (compared.some(({ problems }) => problems.length > 0)) return { ...threshold, result: 'FAILED' };
  const [ours, theirs] = compared;
  const said = ours.rounds.map((round, index) => saidBy(figure, threshold, round, theirs?.rounds[index]));
  const found = summary(said);
  const isReached = found !== null && found.median >= atLeast && found.median <= atMost;
  return { ...threshold, said, ...found, result: isReached ? 'reached' : 'NOT REACHED' };
}

export const judge = (thresholds, measured) => thresholds.map((threshold) => judged(threshold, measured));

/** What is compared, in words. */
export function wordsOf({ row, over, minus, figure }) {
  if (over !== undefined) return `${row} ÷ ${over}, ${figure}`;
  return minus === undefined ? `${row}, ${figure}` : `${row} − ${minus}, ${figure}`;
}

/** What must be shown, in words. */
export const limitOf = ({ atLeast, atMost, aim }) =>
  `${atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`}${aim === undefined ? '' : ` (aim ${aim})`}`;
