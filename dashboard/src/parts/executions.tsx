import type { JSX } from 'preact';
import type { ExecutionView } from '../../../lib/extras/dashboard/wire.ts';
import { inFlight, latest, running } from '../live.ts';
import { hrefOf } from '../route.ts';
import { countText, durationText, momentText, now } from '../time.ts';
import { Empty, Panel } from './panel.tsx';
import { StateBadge } from './state.tsx';

function Name({ task, instance }: Pick<ExecutionView, 'task' | 'instance'>): JSX.Element {
  return (
    <a class="row-name" href={hrefOf.of(task, instance)}>
      {task}
      {instance !== null && <span class="row-instance">{instance}</span>}
    </a>
  );
}

/** What has been running for a moment at least; what is over sooner is only counted. */
export function RunningPanel(): JSX.Element {
  const others = inFlight.value - running.value.length;
  return (
    <Panel id="running" title="Running now" note={`${countText(inFlight.value)} in this process`}>
      {running.value.length === 0 ? (
        <Empty title={others > 0 ? 'Only short work' : 'Nothing is running'}>
          {others > 0
            ? 'Executions end faster than they could be read here.'
            : 'It will show here as soon as it starts.'}
        </Empty>
      ) : (
        <ul class="rows">
          {running.value.slice(0, 10).map((execution) => (
            <li key={execution.id} class="row">
              <Name {...execution} />
              {execution.attempt > 1 && <span class="row-note">attempt {execution.attempt}</span>}
              <span class="row-time">
                <span class="pulse" aria-hidden="true" />
                for {durationText(now.value - execution.startedAt)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

export function LatestPanel(): JSX.Element {
  return (
    <Panel id="latest" title="Latest executions" note="in this process">
      {latest.value.length === 0 ? (
        <Empty title="Nothing has run yet">Since this process started.</Empty>
      ) : (
        <ul class="rows">
          {latest.value.slice(0, 10).map((execution) => (
            <LatestRow key={execution.id} execution={execution} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function LatestRow({ execution }: { execution: ExecutionView }): JSX.Element {
  const { outcome, error, durationMs, startedAt, attempt } = execution;
  return (
    <li class="row row-execution">
      <StateBadge state={outcome} />
      <Name {...execution} />
      {attempt > 1 && <span class="row-note">attempt {attempt}</span>}
      <span class="row-time">
        <span class="row-duration">{durationText(durationMs ?? 0)}</span>
        <time dateTime={new Date(startedAt).toISOString()}>{momentText(startedAt)}</time>
      </span>
      {error !== null && <p class="row-error">{error}</p>}
    </li>
  );
}
