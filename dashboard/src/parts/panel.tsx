import type { ComponentChildren, JSX } from 'preact';
import type { Answer } from '../use-answer.ts';

/** A part of the page with a heading. */
export function Panel(props: {
  id: string;
  title: string;
  note?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}): JSX.Element {
  return (
    <section class={`panel ${props.class ?? ''}`} aria-labelledby={props.id}>
      <div class="panel-head">
        <h2 id={props.id}>{props.title}</h2>
        {props.note !== undefined && <div class="panel-note">{props.note}</div>}
      </div>
      {props.children}
    </section>
  );
}

/** Nothing is here, and that is fine. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

/** What was asked for; or that it is on its way, or why it is not here. */
export function Answered<T>(props: {
  answer: Answer<T>;
  children: (data: T) => ComponentChildren;
}): JSX.Element {
  const { data, error, isLoading, reload } = props.answer;
  return (
    <>
      {error !== null && (
        <div class="problem" role="alert">
          <p>{error}</p>
          <button type="button" class="button" onClick={reload}>
            Try again
          </button>
        </div>
      )}
      {isLoading && (
        <div class="loading" role="status">
          <span class="loading-line" />
          <span class="loading-line" />
          <span class="loading-line" />
          <span class="sr-only">Loading</span>
        </div>
      )}
      {data !== null && props.children(data)}
    </>
  );
}
