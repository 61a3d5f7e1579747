import type { JSX } from 'preact';
import type { Overview } from '../../../lib/extras/dashboard/wire.ts';
import { Icon } from '../parts/icons.tsx';
import { StaticFacts } from '../parts/instance-facts.tsx';
import { Instances } from '../parts/instances.tsx';
import { Answered, Empty } from '../parts/panel.tsx';
import { StateBadge } from '../parts/state.tsx';
import { hrefOf } from '../route.ts';
import type { Answer } from '../use-answer.ts';
import { TaskActions, stateOfTask } from './tasks-page.tsx';

/** One task: a static one as it is, a template with its instances. */
export function TaskPage({ name, overview }: { name: string; overview: Answer<Overview> }): JSX.Element {
  return (
    <Answered answer={overview}>
      {({ tasks }) => {
        const task = tasks.find((one) => one.name === name);
        if (task === undefined)
          return (
            <>
              <h1>{name}</h1>
              <Empty title="This process knows no such task">
                <a href={hrefOf.tasks}>All tasks</a>
              </Empty>
            </>
          );
        return (
          <>
            <a class="back" href={hrefOf.tasks}>
              <Icon name="left" />
              Tasks
            </a>
            <div class="title">
              <div>
                <h1>{name}</h1>
                <p class="title-note">
                  <StateBadge state={stateOfTask(task)} />
                  {task.schedule !== null && <code>{task.schedule}</code>}
                  <span>{task.timezone}</span>
                  <span>{task.declaredAt}</span>
                </p>
              </div>
              <TaskActions task={task} />
            </div>
            {task.kind === 'static' ? <StaticFacts task={name} /> : <Instances task={name} />}
          </>
        );
      }}
    </Answered>
  );
}
