import type { JSX } from 'preact';
import type { Overview, TaskView } from '../../../lib/extras/dashboard/wire.ts';
import { tallies } from '../live.ts';
import { ActionButton, ActionButtons } from '../parts/actions.tsx';
import { NextRun } from '../parts/moment.tsx';
import { Answered, Empty } from '../parts/panel.tsx';
import { StateBadge } from '../parts/state.tsx';
import { isReadOnly } from '../read-only.ts';
import { hrefOf } from '../route.ts';
import { countText } from '../time.ts';
import type { Answer } from '../use-answer.ts';

/** All tasks of the application, with their state and their next run. */
export function TasksPage({ overview }: { overview: Answer<Overview> }): JSX.Element {
  return (
    <>
      <h1>Tasks</h1>
      <Answered answer={overview}>
        {({ tasks }) =>
          tasks.length === 0 ? (
            <Empty title="This application has no tasks">
              Decorate a method with @Task() or @DynamicTask().
            </Empty>
          ) : (
            <TaskTable tasks={tasks} />
          )
        }
      </Answered>
    </>
  );
}

function TaskTable({ tasks }: { tasks: readonly TaskView[] }): JSX.Element {
  return (
    // The roles stay when narrow screens lay the rows out as cards.
    <table class="table table-tasks" role="table" aria-label="Tasks">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader">Task</th>
          <th role="columnheader">State</th>
          <th role="columnheader">Schedule</th>
          <th role="columnheader">Next run</th>
          <th role="columnheader" class="number">
            Done
          </th>
          <th role="columnheader" class="number">
            Failed
          </th>
          {!isReadOnly.value && (
            <th role="columnheader">
              <span class="sr-only">Actions</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {tasks.map((task) => (
          <TaskRow key={task.name} task={task} />
        ))}
      </tbody>
    </table>
  );
}

export const stateOfTask = ({ isEnabled, instance, isPaused }: TaskView): string =>
  isEnabled ? (instance?.state ?? (isPaused ? 'paused' : 'active')) : 'disabled';

function TaskRow({ task }: { task: TaskView }): JSX.Element {
  const tally = tallies.value.get(task.name);
  const { instance } = task;
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        <a href={hrefOf.of(task.name)}>{task.name}</a>
        <span class="cell-note">{task.declaredAt}</span>
      </th>
      <td role="cell" data-label="State">
        <StateBadge state={stateOfTask(task)} />
        {task.kind !== 'static' && task.parked > 0 && (
          <span class="cell-note cell-danger">{countText(task.parked)} parked</span>
        )}
      </td>
      <td role="cell" data-label="Schedule">
        {task.schedule === null ? <span class="quiet">by instance</span> : <code>{task.schedule}</code>}
        {task.kind === 'static' && task.timezone !== 'UTC' && <span class="cell-note">{task.timezone}</span>}
      </td>
      <td role="cell" data-label="Next run" class="cell-wide">
        {task.kind === 'static' ? (
          <NextRun at={instance?.scheduledAt ?? null} state={instance?.state ?? ''} />
        ) : (
          <a href={hrefOf.of(task.name)}>Instances</a>
        )}
      </td>
      <td role="cell" data-label="Done" class="number">
        {countText(tally?.succeeded ?? 0)}
      </td>
      <td role="cell" data-label="Failed" class={`number ${(tally?.failed ?? 0) > 0 ? 'cell-danger' : ''}`}>
        {countText(tally?.failed ?? 0)}
      </td>
      {!isReadOnly.value && (
        <td role="cell" class="cell-actions">
          <TaskActions task={task} isSmall />
        </td>
      )}
    </tr>
  );
}

/** Of a static task; of a template as a whole. */
export function TaskActions({ task, isSmall = false }: { task: TaskView; isSmall?: boolean }): JSX.Element {
  const { name, kind, instance, isPaused, parked } = task;
  if (kind === 'static')
    return (
      <ActionButtons task={name} instance={null} state={instance?.state ?? ''} isStatic isSmall={isSmall} />
    );
  const all = { task: name, instance: null, isTemplate: true, isSmall };
  return (
    <span class="actions">
      {parked > 0 && <ActionButton action="retry-parked" {...all} />}
      <ActionButton action={isPaused ? 'resume' : 'pause'} {...all} />
    </span>
  );
}
