import type { JSX } from 'preact';
import type { Overview } from '../../../lib/extras/dashboard/wire.ts';
import { LatestPanel, RunningPanel } from '../parts/executions.tsx';
import { Answered } from '../parts/panel.tsx';
import { Figures } from '../parts/figures.tsx';
import { LatenessPanel, ThroughputPanel } from '../parts/throughput.tsx';
import { TimelinePanel } from '../parts/timeline.tsx';
import type { Answer } from '../use-answer.ts';

export function OverviewPage({ overview }: { overview: Answer<Overview> }): JSX.Element {
  return (
    <>
      <h1 class="sr-only">Overview</h1>
      <Answered answer={overview}>{({ tasks }) => <Figures tasks={tasks} />}</Answered>
      <div class="grid">
        <ThroughputPanel />
        <LatenessPanel />
      </div>
      <TimelinePanel />
      <div class="grid">
        <RunningPanel />
        <LatestPanel />
      </div>
    </>
  );
}
