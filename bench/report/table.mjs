// Tables for the terminal.
import { summary } from './statistics.mjs';

const shown = (value) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 10 ? 2 : 1);
const spread = ({ median, min, max }) => `${shown(median)} (${shown(min)}-${shown(max)})`;

export function printGroup({ title, results, unit, figure }) {
  console.log(`\n${title}`);
  console.table(
    Object.fromEntries(
      results.map(({ row, rounds }) => {
        const rate = summary(rounds.map((round) => round[figure]));
        const cpu = summary(rounds.map((round) => round.cpuMicros));
        return [
          row,
          { [unit]: rate === null ? 'FAILED' : spread(rate), 'CPU µs each': cpu === null ? '' : spread(cpu) },
        ];
      }),
    ),
  );
}

export function printJudgements(judgements) {
  console.table(
    judgements.map(({ group, row, over, atLeast, ratio, isReached }) => ({
      group,
      ratio: `${row} ÷ ${over}`,
      'at least': atLeast,
      measured: ratio === null ? 'FAILED' : spread(ratio),
      '': isReached ? 'reached' : 'NOT REACHED',
    })),
  );
}
