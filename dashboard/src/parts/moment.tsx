import type { JSX } from 'preact';
import type { MomentView } from '../../../lib/extras/dashboard/wire.ts';
import { dueText, momentText, now, relativeText, viewerZone } from '../time.ts';

/** When an instance runs next, or for which moment it is running. */
export function NextRun({ at, state }: { at: MomentView | null; state: string }): JSX.Element {
  if (at === null) return <span class="quiet">–</span>;
  return (
    <Moment at={at} relative={state === 'running' ? 'running' : state === 'scheduled' ? 'due' : 'ago'} />
  );
}

/** A moment: how far away, when by the viewer's clock, and when by the task's where that is another. */
export function Moment(props: {
  at: number | MomentView;
  /** `ago` counts both ways, `due` says what is late. */
  relative?: 'ago' | 'due' | 'running' | 'none';
}): JSX.Element {
  const { at, relative = 'ago' } = props;
  const moment = typeof at === 'number' ? at : at.at;
  const isRelative = relative !== 'none';
  const texts = { ago: relativeText, due: dueText, running: () => 'running', none: () => '' };
  return (
    <span class="moment">
      <time dateTime={new Date(moment).toISOString()}>
        {isRelative && <span class="moment-relative">{texts[relative](moment, now.value)}</span>}
        <span class={isRelative ? 'moment-clock' : undefined}>{momentText(moment)}</span>
      </time>
      {typeof at !== 'number' && <ZoneTime moment={at} />}
    </span>
  );
}

/** The clock on the task's wall, where it shows something else than ours. */
export function ZoneTime({ moment }: { moment: MomentView }): JSX.Element | null {
  if (moment.zone === viewerZone) return null;
  const [day, time] = moment.local.split(' ');
  const isSameDay = day === localDay(moment.at);
  return (
    <span class="moment-zone">
      {isSameDay ? time : moment.local} {moment.zone}
    </span>
  );
}

function localDay(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
