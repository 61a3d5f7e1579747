import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Count, InstancePage, InstanceView } from '../../../lib/extras/dashboard/wire.ts';
import { isReadOnly } from '../read-only.ts';
import { hrefOf } from '../route.ts';
import { countText } from '../time.ts';
import { useAnswer } from '../use-answer.ts';
import { ActionButtons } from './actions.tsx';
import { Icon } from './icons.tsx';
import { NextRun } from './moment.tsx';
import { Pager, usePages } from './pager.tsx';
import { Answered, Empty, Panel } from './panel.tsx';
import { StateBadge } from './state.tsx';

const STATES = [
  ['', 'Any state'],
  ['scheduled', 'Scheduled'],
  ['running', 'Running'],
  ['paused', 'Paused'],
  ['parked', 'Parked'],
] as const;
const TYPING_MS = 250;

/** The instances of a template: searched by how their names begin, and paged. */
export function Instances({ task }: { task: string }): JSX.Element {
  const [typed, setTyped] = useState('');
  const [prefix, setPrefix] = useState('');
  const [state, setState] = useState<string>('');
  useEffect(() => {
    const timer = setTimeout(() => setPrefix(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const filter = { task, prefix, state };
  const pages = usePages(JSON.stringify(filter));
  const answer = useAnswer<InstancePage>('instances', { ...filter, after: pages.after });
  return (
    <Panel id="instances" title="Instances" note={<Total filter={filter} />}>
      <div class="filters" role="search" aria-label="Instances">
        <label class="field field-search">
          <span class="sr-only">Name begins with</span>
          <Icon name="search" />
          <input
            type="search"
            placeholder="Name begins with…"
            value={typed}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span class="sr-only">State</span>
          <select value={state} onChange={(event) => setState(event.currentTarget.value)}>
            {STATES.map(([word, text]) => (
              <option key={word} value={word}>
                {text}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Answered answer={answer}>
        {({ instances, next }) => (
          <>
            {instances.length === 0 ? (
              <Empty title={prefix === '' && state === '' ? 'No instance is scheduled' : 'None fits'} />
            ) : (
              <InstanceTable instances={instances} />
            )}
            <Pager pages={pages} next={next} label="Pages of instances" />
          </>
        )}
      </Answered>
    </Panel>
  );
}

/** Counted apart: it may take longer than the page. */
function Total({ filter }: { filter: Readonly<Record<string, string>> }): JSX.Element {
  const { data } = useAnswer<Count>('count', filter);
  return <span>{data === null ? 'counting…' : countText(data.count)}</span>;
}

function InstanceTable({ instances }: { instances: readonly InstanceView[] }): JSX.Element {
  return (
    <table class="table" role="table" aria-label="Instances">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader">Instance</th>
          <th role="columnheader">State</th>
          <th role="columnheader">Schedule</th>
          <th role="columnheader">Next run</th>
          {!isReadOnly.value && (
            <th role="columnheader">
              <span class="sr-only">Actions</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {instances.map((one) => (
          <InstanceRow key={one.instance} one={one} />
        ))}
      </tbody>
    </table>
  );
}

function InstanceRow({ one }: { one: InstanceView }): JSX.Element {
  return (
    <tr role="row">
      <th role="rowheader" scope="row" class="break">
        <a href={hrefOf.of(one.task, one.instance)}>{one.instance}</a>
        {one.error !== null && <span class="cell-note cell-danger">{one.error.message.slice(0, 120)}</span>}
      </th>
      <td role="cell" data-label="State">
        <StateBadge state={one.state} />
      </td>
      <td role="cell" data-label="Schedule">
        {one.schedule === null ? <span class="quiet">cannot be read</span> : <code>{one.schedule}</code>}
      </td>
      <td role="cell" data-label="Next run">
        <NextRun at={one.scheduledAt} state={one.state} />
      </td>
      {!isReadOnly.value && (
        <td role="cell" class="cell-actions">
          <ActionButtons task={one.task} instance={one.instance} state={one.state} isSmall />
        </td>
      )}
    </tr>
  );
}
