import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icons.tsx';

/** Pages that are known by where they begin: there is a next one, and those that were seen. */
export interface Pages {
  /** Where the page that is shown begins; null: at the beginning. */
  readonly after: string | null;
  readonly number: number;
  back(): void;
  on(next: string): void;
}

/** @param of what is paged through; with another, the first page is shown */
export function usePages(of: string): Pages {
  const [state, setState] = useState<{ of: string; starts: readonly string[] }>({ of, starts: [] });
  const starts = state.of === of ? state.starts : [];
  return {
    after: starts.at(-1) ?? null,
    number: starts.length + 1,
    back: () => setState({ of, starts: starts.slice(0, -1) }),
    on: (next) => setState({ of, starts: [...starts, next] }),
  };
}

export function Pager(props: { pages: Pages; next: string | null; label: string }): JSX.Element | null {
  const { pages, next, label } = props;
  if (pages.number === 1 && next === null) return null;
  return (
    <nav class="pager" aria-label={label}>
      <button type="button" class="button" disabled={pages.number === 1} onClick={pages.back}>
        <Icon name="left" />
        Back
      </button>
      <span aria-live="polite">Page {pages.number}</span>
      <button
        type="button"
        class="button"
        disabled={next === null}
        onClick={() => next !== null && pages.on(next)}
      >
        Next
        <Icon name="right" />
      </button>
    </nav>
  );
}
