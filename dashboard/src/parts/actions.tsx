import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ActionName } from '../../../lib/extras/dashboard/wire.ts';
import { isReadOnly } from '../read-only.ts';
import { Icon, type IconName } from './icons.tsx';

/** What is about to be done, to what. */
export interface Intent {
  readonly action: ActionName;
  readonly task: string;
  readonly instance: string | null;
  /** A template as a whole. */
  readonly isTemplate?: boolean;
  /** After it was done. */
  readonly then?: () => void;
}

/** What the dialog asks about; null: it is closed. */
export const intent = signal<Intent | null>(null);

const BUTTONS: Readonly<Record<ActionName, { icon: IconName; text: string; isDanger?: boolean }>> = {
  trigger: { icon: 'bolt', text: 'Trigger' },
  pause: { icon: 'pause', text: 'Pause' },
  resume: { icon: 'play', text: 'Resume' },
  retry: { icon: 'retry', text: 'Retry' },
  'retry-parked': { icon: 'retry', text: 'Retry parked' },
  unschedule: { icon: 'trash', text: 'Unschedule', isDanger: true },
};

export const nameOf = ({ task, instance }: Pick<Intent, 'task' | 'instance'>): string =>
  instance === null ? task : `${task}: ${instance}`;

/** A button that opens the dialog; not there where nothing may be changed. */
export function ActionButton({
  isSmall = false,
  ...wanted
}: Intent & { isSmall?: boolean }): JSX.Element | null {
  if (isReadOnly.value) return null;
  const { icon, text, isDanger = false } = BUTTONS[wanted.action];
  return (
    <button
      type="button"
      class={`button ${isSmall ? 'button-small' : ''} ${isDanger ? 'button-danger' : ''}`}
      aria-label={isSmall ? `${text} ${nameOf(wanted)}` : undefined}
      title={isSmall ? text : undefined}
      aria-haspopup="dialog"
      onClick={() => {
        intent.value = wanted;
      }}
    >
      <Icon name={icon} />
      {isSmall ? <span class="button-text">{text}</span> : text}
    </button>
  );
}

/** What can be done to an instance, or to a static task, in its state. */
export function ActionButtons(props: {
  task: string;
  instance: string | null;
  state: string;
  isStatic?: boolean;
  isSmall?: boolean;
  onGone?: () => void;
}): JSX.Element | null {
  if (isReadOnly.value) return null;
  const { task, instance, state, isStatic = false, isSmall = false, onGone } = props;
  const to = { task, instance, isSmall };
  return (
    <span class="actions">
      <ActionButton action="trigger" {...to} />
      {state === 'parked' ? (
        <ActionButton action="retry" {...to} />
      ) : state === 'paused' ? (
        <ActionButton action="resume" {...to} />
      ) : (
        <ActionButton action="pause" {...to} />
      )}
      {!isStatic && <ActionButton action="unschedule" then={onGone} {...to} />}
    </span>
  );
}
