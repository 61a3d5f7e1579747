import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Lane, Timeline } from '../../../lib/extras/dashboard/wire.ts';
import { hrefOf } from '../route.ts';
import { DUE_MS, countText, dueText, momentText, now, relativeText } from '../time.ts';
import { useAnswer } from '../use-answer.ts';
import { DueList } from './due-list.tsx';
import { Answered, Empty, Panel } from './panel.tsx';

const WINDOWS = [
  { ms: 60_000, text: '1 min' },
  { ms: 600_000, text: '10 min' },
  { ms: 3_600_000, text: '1 h' },
  { ms: 86_400_000, text: '24 h' },
] as const;

/** What is due next: drawn, and as a list that says the same. */
export function TimelinePanel(): JSX.Element {
  const [windowMs, setWindow] = useState<number>(WINDOWS[0].ms);
  const answer = useAnswer<Timeline>('timeline', { window: windowMs });
  const choice = (
    <div class="choice" role="group" aria-label="How far ahead">
      {WINDOWS.map(({ ms, text }) => (
        <button key={ms} type="button" aria-pressed={ms === windowMs} onClick={() => setWindow(ms)}>
          {text}
        </button>
      ))}
    </div>
  );
  return (
    <Panel id="due" title="Due next" note={choice}>
      <Answered answer={answer}>
        {(timeline) =>
          timeline.due.length === 0 ? (
            <Empty title="Nothing is scheduled">What is paused or parked is not due.</Empty>
          ) : (
            <>
              <Lanes timeline={timeline} windowMs={windowMs} />
              <DueList due={timeline.due} />
            </>
          )
        }
      </Answered>
    </Panel>
  );
}

function Lanes({ timeline, windowMs }: { timeline: Timeline; windowMs: number }): JSX.Element {
  const from = now.value;
  const marks = [0, 0.25, 0.5, 0.75, 1];
  if (timeline.lanes.length === 0)
    return (
      <p class="lanes-empty">Nothing is due within {WINDOWS.find(({ ms }) => ms === windowMs)?.text}.</p>
    );
  return (
    <div class="lanes">
      {timeline.lanes.map((lane) => (
        <LaneRow key={lane.task} lane={lane} from={from} windowMs={windowMs} />
      ))}
      <div class="lane-axis" aria-hidden="true">
        {marks.map((mark) => (
          <span key={mark}>
            {mark === 0 ? 'now' : momentText(from + mark * windowMs).replace(/^.*, /, '')}
          </span>
        ))}
      </div>
      {timeline.knownUntil !== null && (
        <p class="lanes-note">
          More is due than is drawn, from {relativeText(timeline.knownUntil, from)} on.
        </p>
      )}
    </div>
  );
}

function LaneRow({ lane, from, windowMs }: { lane: Lane; from: number; windowMs: number }): JSX.Element {
  const [first] = lane.dots;
  const placeOf = (at: number): string => `${Math.min(100, (Math.max(0, at - from) / windowMs) * 98 + 1)}%`;
  const last = lane.dots.at(-1);
  const ahead = lane.dots.filter((at) => at > from || at < from - DUE_MS);
  const count = lane.isDense ? `more than ${countText(lane.dots.length)}` : countText(lane.dots.length);
  return (
    <div class="lane">
      <a class="lane-name" href={hrefOf.of(lane.task)}>
        {lane.task}
      </a>
      <svg
        class="lane-track"
        role="img"
        aria-label={`${lane.task}: ${count} ${lane.dots.length === 1 ? 'execution' : 'executions'}, the next ${first === undefined ? '' : dueText(first, from)}`}
      >
        <line class="lane-rule" x1="0" x2="100%" y1="50%" y2="50%" />
        {/* And so on: more than single dots could show. */}
        {lane.isDense && last !== undefined && (
          <line class="lane-more" x1={placeOf(last)} x2="99%" y1="50%" y2="50%" />
        )}
        {ahead.map((at, index) => (
          <circle
            key={index}
            class={at < from - DUE_MS ? 'lane-dot lane-dot-late' : 'lane-dot'}
            cx={placeOf(at)}
            cy="50%"
            r={lane.dots.length > 40 ? 3 : 4.5}
          />
        ))}
      </svg>
    </div>
  );
}
