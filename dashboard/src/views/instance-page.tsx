import type { JSX } from 'preact';
import type { InstanceDetail } from '../../../lib/extras/dashboard/wire.ts';
import { ActionButtons } from '../parts/actions.tsx';
import { Icon } from '../parts/icons.tsx';
import { InstanceFacts } from '../parts/instance-facts.tsx';
import { StateBadge } from '../parts/state.tsx';
import { hrefOf } from '../route.ts';
import { useAnswer } from '../use-answer.ts';

/** One instance of a template. */
export function InstancePage({ task, instance }: { task: string; instance: string }): JSX.Element {
  const answer = useAnswer<InstanceDetail>('instance', { task, instance });
  const { data } = answer;
  return (
    <>
      <a class="back" href={hrefOf.of(task)}>
        <Icon name="left" />
        {task}
      </a>
      <div class="title">
        <div>
          <h1>{instance}</h1>
          <p class="title-note">
            {data !== null && <StateBadge state={data.state} />}
            {data?.schedule != null && <code>{data.schedule}</code>}
            {data?.scheduledAt != null && <span>{data.scheduledAt.zone}</span>}
          </p>
        </div>
        {data !== null && (
          <ActionButtons
            task={task}
            instance={instance}
            state={data.state}
            onGone={() => {
              location.hash = hrefOf.of(task);
            }}
          />
        )}
      </div>
      <InstanceFacts task={task} instance={instance} answer={answer} />
    </>
  );
}
