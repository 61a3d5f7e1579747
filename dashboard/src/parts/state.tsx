import type { JSX } from 'preact';
import { Icon, type IconName } from './icons.tsx';

const LOOKS: Readonly<Record<string, { icon: IconName; tone: string; text: string }>> = {
  scheduled: { icon: 'clock', tone: 'quiet', text: 'Scheduled' },
  running: { icon: 'play', tone: 'accent', text: 'Running' },
  paused: { icon: 'pause', tone: 'warn', text: 'Paused' },
  parked: { icon: 'stop', tone: 'danger', text: 'Parked' },
  succeeded: { icon: 'check', tone: 'good', text: 'Succeeded' },
  failed: { icon: 'cross', tone: 'danger', text: 'Failed' },
  disabled: { icon: 'pause', tone: 'quiet', text: 'Not polled here' },
  active: { icon: 'clock', tone: 'quiet', text: 'Active' },
};

/** A state in words and shape; the colour only repeats them. */
export function StateBadge({ state }: { state: string }): JSX.Element {
  const { icon, tone, text } = LOOKS[state] ?? { icon: 'clock', tone: 'quiet', text: state };
  return (
    <span class={`badge badge-${tone}`}>
      <Icon name={icon} />
      {text}
    </span>
  );
}
