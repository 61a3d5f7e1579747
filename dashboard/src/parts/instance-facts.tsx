import type { JSX } from 'preact';
import type { InstanceDetail } from '../../../lib/extras/dashboard/wire.ts';
import { type Answer, useAnswer } from '../use-answer.ts';
import { History } from './history.tsx';
import { Moment } from './moment.tsx';
import { Answered, Empty, Panel } from './panel.tsx';

/** The same of a static task, which has no page of its own besides its task's. */
export function StaticFacts({ task }: { task: string }): JSX.Element {
  const answer = useAnswer<InstanceDetail>('instance', { task });
  return <InstanceFacts task={task} instance={null} answer={answer} />;
}

/** What there is to know about one instance, or about a static task. */
export function InstanceFacts(props: {
  task: string;
  instance: string | null;
  answer: Answer<InstanceDetail>;
}): JSX.Element {
  const { task, instance, answer } = props;
  return (
    <>
      <Answered answer={answer}>
        {(detail) => (
          <>
            {detail.error !== null && (
              <Panel
                id="error"
                title="Last failure"
                class="panel-danger"
                note={<Moment at={detail.error.at} />}
              >
                <p class="error-name">{detail.error.name}</p>
                <pre class="text">{detail.error.message}</pre>
              </Panel>
            )}
            <div class="grid">
              <Next detail={detail} />
              <div class="stack">
                <Panel id="lease" title="Now">
                  <Now detail={detail} />
                </Panel>
                <Panel id="args" title="Args">
                  {/* Focusable: long args are scrolled by keyboard. */}
                  <pre class="text" tabIndex={0} aria-label="Args">
                    {detail.args}
                  </pre>
                </Panel>
              </div>
            </div>
          </>
        )}
      </Answered>
      <History task={task} instance={instance} />
    </>
  );
}

function Next({ detail }: { detail: InstanceDetail }): JSX.Element {
  const isHeld = detail.state === 'paused' || detail.state === 'parked';
  return (
    <Panel id="next" title="Next runs" note={isHeld ? `not while it is ${detail.state}` : undefined}>
      {detail.next.length === 0 ? (
        <Empty title="No further run" />
      ) : (
        <ol class="rows rows-next" aria-label="The next runs">
          {detail.next.map((moment, index) => (
            <li key={moment.at} class="row">
              <span class="row-number">{index + 1}</span>
              <Moment at={moment} />
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Now({ detail }: { detail: InstanceDetail }): JSX.Element {
  const { state, lockedBy, lockedUntil, attempt } = detail;
  return (
    <dl class="facts">
      <dt>State</dt>
      <dd>{state}</dd>
      <dt>Attempts begun</dt>
      <dd>{attempt}</dd>
      {lockedBy !== null && (
        <>
          <dt>Executed by</dt>
          <dd class="break">{lockedBy}</dd>
        </>
      )}
      {lockedUntil !== null && (
        <>
          <dt>Lease until</dt>
          <dd>
            <Moment at={lockedUntil} />
          </dd>
        </>
      )}
    </dl>
  );
}
