import type { JSX } from 'preact';
import type { SecondView } from '../../../lib/extras/dashboard/wire.ts';
import { seconds } from '../live.ts';
import { durationText, now, rateText } from '../time.ts';
import { Chart } from './chart.tsx';
import { Panel } from './panel.tsx';

const STEP_MS = 5_000;
const STEPS = 60;

/** The last minutes, in steps. The step that is under way is left out: it would always look low. */
function steps(): { from: number; values: SecondView[][] } {
  const end = Math.floor(now.value / STEP_MS) * STEP_MS;
  const from = end - STEPS * STEP_MS;
  const values: SecondView[][] = Array.from({ length: STEPS }, () => []);
  for (const second of seconds.value.values())
    values[Math.floor((second.second - from) / STEP_MS)]?.push(second);
  return { from, values };
}

const sum = (list: readonly SecondView[], what: 'started' | 'succeeded' | 'failed' | 'lateSumMs'): number =>
  list.reduce((total, second) => total + second[what], 0);

export function ThroughputPanel(): JSX.Element {
  const { from, values } = steps();
  const perSecond = (what: 'succeeded' | 'failed'): number[] =>
    values.map((step) => (sum(step, what) * 1_000) / STEP_MS);
  const [succeeded, failed] = [perSecond('succeeded'), perSecond('failed')];
  const most = Math.max(...succeeded.map((value, index) => value + (failed[index] ?? 0)));
  return (
    <Panel id="throughput" title="Throughput" note="executions a second, this process">
      <Chart
        series={[
          { name: 'Succeeded', kind: 'bars', class: 'series-good', values: succeeded },
          { name: 'Failed', kind: 'bars', class: 'series-danger', values: failed },
        ]}
        from={from}
        stepMs={STEP_MS}
        least={1}
        text={rateText}
        summary={`Throughput of the last five minutes: ${rateText(succeeded.at(-1) ?? 0)} succeeded and ${rateText(failed.at(-1) ?? 0)} failed a second lately, at most ${rateText(most)} in all`}
      />
    </Panel>
  );
}

export function LatenessPanel(): JSX.Element {
  const { from, values } = steps();
  const mean = values.map((step) => sum(step, 'lateSumMs') / Math.max(1, sum(step, 'started')));
  const worst = values.map((step) => Math.max(0, ...step.map(({ lateMaxMs }) => lateMaxMs)));
  return (
    <Panel id="lateness" title="Lateness" note="from due to started">
      <Chart
        series={[
          { name: 'Worst', kind: 'bars', class: 'series-soft', values: worst },
          { name: 'Mean', kind: 'line', class: 'series-line', values: mean },
        ]}
        from={from}
        stepMs={STEP_MS}
        least={20}
        text={durationText}
        summary={`Lateness of the last five minutes: ${durationText(mean.at(-1) ?? 0)} on average lately, ${durationText(Math.max(...worst))} at worst`}
      />
    </Panel>
  );
}
