import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Overview } from '../../lib/extras/dashboard/wire.ts';
import { ConfirmDialog } from './parts/confirm-dialog.tsx';
import { ConnectionBanner, Header } from './parts/header.tsx';
import { Toasts } from './parts/toasts.tsx';
import { isReadOnly } from './read-only.ts';
import { type Route, route } from './route.ts';
import { viewerZone } from './time.ts';
import { type Answer, useAnswer } from './use-answer.ts';
import { InstancePage } from './views/instance-page.tsx';
import { OverviewPage } from './views/overview-page.tsx';
import { TaskPage } from './views/task-page.tsx';
import { TasksPage } from './views/tasks-page.tsx';

const titleOf = (shown: Route): string =>
  shown.page === 'overview'
    ? 'Overview'
    : shown.page === 'tasks'
      ? 'Tasks'
      : shown.page === 'task'
        ? shown.task
        : `${shown.instance} – ${shown.task}`;

/** The page: header, what the address says, and what asks before anything is changed. */
export function App(): JSX.Element {
  const overview = useAnswer<Overview>('overview', {});
  const main = useRef<HTMLElement>(null);
  const title = titleOf(route.value);
  const isFirst = useRef(true);
  useEffect(() => {
    if (overview.data !== null) isReadOnly.value = overview.data.readOnly;
  }, [overview.data]);
  useEffect(() => {
    document.title = `${title} · Pyncette`;
    // Another view: whoever reads by ear or by keyboard is at its beginning, as after a new page.
    if (!isFirst.current) {
      main.current?.focus();
      scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [title]);
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <Header process={overview.data?.process ?? null} />
      <ConnectionBanner />
      <main id="main" ref={main} tabIndex={-1} aria-label={title}>
        <Shown overview={overview} />
      </main>
      <footer class="footer">
        <span>Times are in {viewerZone}</span>
        {overview.data?.readOnly === true && <span>Read only</span>}
        <span>Charts and executions are of this process; tasks, instances and history of all</span>
      </footer>
      <ConfirmDialog />
      <Toasts />
    </>
  );
}

function Shown({ overview }: { overview: Answer<Overview> }): JSX.Element {
  const shown = route.value;
  switch (shown.page) {
    case 'overview':
      return <OverviewPage overview={overview} />;
    case 'tasks':
      return <TasksPage overview={overview} />;
    case 'task':
      return <TaskPage key={shown.task} name={shown.task} overview={overview} />;
    case 'instance':
      return (
        <InstancePage key={`${shown.task} ${shown.instance}`} task={shown.task} instance={shown.instance} />
      );
  }
}
