import type { JSX } from 'preact';
import type { InstanceView } from '../../../lib/extras/dashboard/wire.ts';
import { useState } from 'preact/hooks';
import { hrefOf } from '../route.ts';
import { Moment } from './moment.tsx';

const FEW = 5;

/** The instances that are due next, soonest first. */
export function DueList({ due }: { due: readonly InstanceView[] }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? due : due.slice(0, FEW);
  return (
    <>
      <ol class="rows" aria-label="Due next, soonest first">
        {shown.map(({ task, instance, scheduledAt, attempt }) => (
          <li key={JSON.stringify([task, instance])} class="row">
            <a class="row-name" href={hrefOf.of(task, instance)}>
              {task}
              {instance !== null && <span class="row-instance">{instance}</span>}
            </a>
            {attempt > 0 && <span class="row-note">attempt {attempt + 1}</span>}
            {scheduledAt !== null && <Moment at={scheduledAt} relative="due" />}
          </li>
        ))}
      </ol>
      {due.length > FEW && (
        <button
          type="button"
          class="button button-plain"
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? 'Show fewer' : `Show ${due.length - FEW} more`}
        </button>
      )}
    </>
  );
}
