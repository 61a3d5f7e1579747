import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ActionName, ActionResult } from '../../../lib/extras/dashboard/wire.ts';
import { act } from '../api.ts';
import { countText } from '../time.ts';
import { refreshAll } from '../use-answer.ts';
import { type Intent, intent, nameOf } from './actions.tsx';
import { say } from './toasts.tsx';

interface Words {
  readonly title: string;
  readonly text: string;
  readonly button: string;
  readonly done: string;
}

const WORDS: Readonly<Record<ActionName, (wanted: Intent) => Words>> = {
  trigger: (wanted) => ({
    title: 'Trigger it now?',
    text: 'It runs once, as soon as it is free. Its schedule stays as it is.',
    button: 'Trigger',
    done: `Triggered ${nameOf(wanted)}`,
  }),
  pause: (wanted) => ({
    title: wanted.isTemplate === true ? 'Pause all its instances?' : 'Pause it?',
    text: 'No process starts it any more until it is resumed. What is running finishes.',
    button: 'Pause',
    done: `Paused ${nameOf(wanted)}`,
  }),
  resume: (wanted) => ({
    title: wanted.isTemplate === true ? 'Resume all its instances?' : 'Resume it?',
    text: 'It goes on where its schedule was. What passed meanwhile counts as missed.',
    button: 'Resume',
    done: `Resumed ${nameOf(wanted)}`,
  }),
  retry: (wanted) => ({
    title: 'Retry it?',
    text: 'It was parked by its failures. It starts again with its first attempt.',
    button: 'Retry',
    done: `Retrying ${nameOf(wanted)}`,
  }),
  'retry-parked': (wanted) => ({
    title: 'Retry all that are parked?',
    text: 'Every parked instance of this task starts again with its first attempt.',
    button: 'Retry all',
    done: `Retrying what was parked of ${nameOf(wanted)}`,
  }),
  unschedule: (wanted) => ({
    title: 'Unschedule it?',
    text: 'The instance is removed from the schedule for good. An execution in flight finishes.',
    button: 'Unschedule',
    done: `Unscheduled ${nameOf(wanted)}`,
  }),
};

/** Asks before anything is changed. The browser keeps the focus inside, and gives it back to the button that opened it. */
export function ConfirmDialog(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isBusy, setBusy] = useState(false);
  const wanted = intent.value;
  useEffect(() => {
    if (wanted !== null && dialog.current?.open === false) dialog.current.showModal();
    if (wanted === null && dialog.current?.open === true) dialog.current.close();
  }, [wanted]);
  const close = (): void => {
    intent.value = null;
  };
  const confirm = async (): Promise<void> => {
    if (wanted === null || isBusy) return;
    setBusy(true);
    await carryOut(wanted);
    setBusy(false);
    close();
    // The button that opened the dialog goes with its row.
    if (wanted.action === 'unschedule') document.getElementById('main')?.focus();
  };
  const words = wanted && WORDS[wanted.action](wanted);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="dialog-title"
      aria-describedby="dialog-text"
      onClose={close}
    >
      {wanted !== null && words !== null && (
        <>
          <h2 id="dialog-title">{words.title}</h2>
          <p class="dialog-name">{nameOf(wanted)}</p>
          <p id="dialog-text">{words.text}</p>
          <div class="dialog-buttons">
            <button type="button" class="button" onClick={close}>
              Cancel
            </button>
            <button
              type="button"
              class={`button button-primary ${wanted.action === 'unschedule' ? 'button-danger' : ''}`}
              disabled={isBusy}
              onClick={() => void confirm()}
            >
              {words.button}
            </button>
          </div>
        </>
      )}
    </dialog>
  );
}

async function carryOut(wanted: Intent): Promise<void> {
  const { action, task, instance, then } = wanted;
  try {
    const result = await act(action, { task, instance });
    say(textOf(wanted, result));
    if (result.changed > 0) then?.();
    refreshAll();
  } catch (error) {
    say(`Nothing was changed: ${error instanceof Error ? error.message : String(error)}`, true);
  }
}

function textOf(wanted: Intent, { changed }: ActionResult): string {
  if (changed === 0) return `There was nothing to do: ${nameOf(wanted)} has changed meanwhile`;
  const { done } = WORDS[wanted.action](wanted);
  return wanted.action === 'retry-parked' ? `${done}: ${countText(changed)}` : done;
}
