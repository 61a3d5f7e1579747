import type { Invocation } from '../arguments.js';
import { changeOne } from '../change-one.js';
import type { Terminal } from '../terminal.js';
import { changeTemplate } from '../change-template.js';

export function pause(invocation: Invocation, terminal: Terminal): Promise<number> {
  if (invocation.has('all'))
    return changeTemplate(invocation, terminal, true, ({ repository }, task) =>
      repository.setTemplatePaused(task, true),
    );
  return changeOne(invocation, terminal, {
    change: ({ repository }, key) => repository.pause([key]),
    said: ({ state, row }) => {
      if (state === 'parked') return 'stays parked';
      return row.leaseToken === null ? 'is paused' : 'is paused; what executes finishes';
    },
  });
}
