import type { JSX } from 'preact';
import type { TaskView } from '../../../lib/extras/dashboard/wire.ts';
import { inFlight, seconds } from '../live.ts';
import { hrefOf } from '../route.ts';
import { countText, durationText, now, rateText } from '../time.ts';

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  readonly tone?: 'warn' | 'danger';
  readonly href?: string;
}

const RATE_MS = 10_000;

/** What one wants to know at a glance. */
export function Figures({ tasks }: { tasks: readonly TaskView[] }): JSX.Element {
  return (
    <dl class="figures">
      {figures(tasks).map(({ name, value, note, tone, href }) => (
        <div key={name} class={`figure ${tone === undefined ? '' : `figure-${tone}`}`}>
          <dt>{href === undefined ? name : <a href={href}>{name}</a>}</dt>
          <dd>
            <span class="figure-value">{value}</span>
            <span class="figure-note">{note}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function figures(tasks: readonly TaskView[]): Figure[] {
  const all = [...seconds.value.values()];
  const lately = all.filter(
    ({ second }) => second > now.value - RATE_MS - 1_000 && second <= now.value - 1_000,
  );
  const ended = lately.reduce((sum, { succeeded, failed }) => sum + succeeded + failed, 0);
  const failed = all.reduce((sum, second) => sum + second.failed, 0);
  const late = Math.max(
    0,
    ...all.filter(({ second }) => second > now.value - 60_000).map((one) => one.lateMaxMs),
  );
  const parked = tasks.reduce((sum, task) => sum + task.parked, 0);
  const paused = tasks.filter(({ isPaused }) => isPaused).length;
  return [
    { name: 'Running', value: countText(inFlight.value), note: 'in this process' },
    { name: 'Throughput', value: rateText((ended * 1_000) / RATE_MS), note: 'a second' },
    {
      name: 'Lateness',
      value: durationText(late),
      note: 'worst of a minute',
      ...(late > 5_000 && { tone: 'warn' }),
    },
    {
      name: 'Failed',
      value: countText(failed),
      note: 'in ten minutes',
      ...(failed > 0 && { tone: 'danger' }),
    },
    {
      name: 'Parked',
      value: countText(parked),
      note: parked > 0 ? 'wait for you' : 'none',
      href: hrefOf.tasks,
      ...(parked > 0 && { tone: 'danger' }),
    },
    {
      name: 'Tasks',
      value: countText(tasks.length),
      note: paused > 0 ? `${countText(paused)} paused` : 'known here',
      href: hrefOf.tasks,
      ...(paused > 0 && { tone: 'warn' }),
    },
  ];
}
