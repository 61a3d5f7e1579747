// What must be shown, against what was measured: the median of the ratios of each round.
import { summary } from './statistics.mjs';

const roundsOf = (measured, { group }, row) =>
  measured.find(({ name }) => name === group)?.results.find((result) => result.row === row)?.rounds;

export function judge(thresholds, measured) {
  return thresholds.flatMap((threshold) => {
    const ours = roundsOf(measured, threshold, threshold.row);
    const theirs = roundsOf(measured, threshold, threshold.over);
    if (ours === undefined || theirs === undefined) return [];
    const ratio = summary(
      ours.map((round, index) => round[threshold.figure] / theirs[index]?.[threshold.figure]),
    );
    return [{ ...threshold, ratio, isReached: ratio !== null && ratio.median >= threshold.atLeast }];
  });
}
