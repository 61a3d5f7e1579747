import { signal } from '@preact/signals';
import type { JSX } from 'preact';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isProblem: boolean;
}

const toasts = signal<readonly Toast[]>([]);
let nextId = 0;
const SHOWN_MS = 6_000;

/** Says what an action came to, to eyes and ears. */
export function say(text: string, isProblem = false): void {
  const toast = { id: nextId++, text, isProblem };
  toasts.value = [...toasts.value.slice(-2), toast];
  setTimeout(() => {
    toasts.value = toasts.value.filter(({ id }) => id !== toast.id);
  }, SHOWN_MS);
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, isProblem }) => (
        <p key={id} class={`toast ${isProblem ? 'toast-problem' : ''}`}>
          {text}
        </p>
      ))}
    </div>
  );
}
