import type { JSX } from 'preact';
import type { HistoryEntry, HistoryPage } from '../../../lib/extras/dashboard/wire.ts';
import { durationText } from '../time.ts';
import { useAnswer } from '../use-answer.ts';
import { Moment } from './moment.tsx';
import { Pager, usePages } from './pager.tsx';
import { Answered, Empty, Panel } from './panel.tsx';
import { StateBadge } from './state.tsx';

type Kept = HistoryPage & { readonly isKept: boolean };

/** The executions of one instance that have ended, newest first, of all processes. */
export function History({ task, instance }: { task: string; instance: string | null }): JSX.Element {
  const pages = usePages(JSON.stringify([task, instance]));
  const answer = useAnswer<Kept>('history', { task, instance, after: pages.after });
  return (
    <Panel id="history" title="History">
      <Answered answer={answer}>
        {({ isKept, entries, next }) =>
          isKept ? (
            <>
              {entries.length === 0 ? (
                <Empty title="No execution is remembered">It has not run yet, or too long ago.</Empty>
              ) : (
                <Entries entries={entries} />
              )}
              <Pager pages={pages} next={next} label="Pages of the history" />
            </>
          ) : (
            <Empty title="No history is kept">
              Give PyncetteModule <code>{"history: { retention: '7d' }"}</code> to see past executions here.
            </Empty>
          )
        }
      </Answered>
    </Panel>
  );
}

function Entries({ entries }: { entries: readonly HistoryEntry[] }): JSX.Element {
  return (
    <table class="table" role="table" aria-label="Executions, newest first">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader">Outcome</th>
          <th role="columnheader">Scheduled for</th>
          <th role="columnheader">Finished</th>
          <th role="columnheader" class="number">
            Took
          </th>
          <th role="columnheader" class="number">
            Attempt
          </th>
          <th role="columnheader">Process</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {entries.map((entry) => (
          <Entry key={`${entry.id} ${entry.finishedAt}`} entry={entry} />
        ))}
      </tbody>
    </table>
  );
}

function Entry({ entry }: { entry: HistoryEntry }): JSX.Element {
  const { outcome, error, scheduledAt, startedAt, finishedAt, attempt, process } = entry;
  return (
    <tr role="row">
      <td role="cell" data-label="Outcome">
        <StateBadge state={outcome} />
        {error !== null && (
          <span class="cell-note cell-danger break">
            {error.name}: {error.message}
          </span>
        )}
      </td>
      <td role="cell" data-label="Scheduled for">
        <Moment at={scheduledAt} relative="none" />
      </td>
      <td role="cell" data-label="Finished">
        <Moment at={finishedAt} />
      </td>
      <td role="cell" data-label="Took" class="number">
        {durationText(finishedAt - startedAt)}
      </td>
      <td role="cell" data-label="Attempt" class="number">
        {attempt}
      </td>
      <td role="cell" data-label="Process" class="break quiet">
        {process}
      </td>
    </tr>
  );
}
